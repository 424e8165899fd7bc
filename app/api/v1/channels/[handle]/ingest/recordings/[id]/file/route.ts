import { openInputFile } from '#core/ingest/input-recordings';
import { apiRoute } from '../../../../../../../_http/api-route.ts';
import { answerStored } from '../../../../../../../_http/stored-file.ts';

export const GET = apiRoute({}, async ({ request, actor, services, params: { handle = '', id = '' } }) => {
  const file = await openInputFile(services, { actor, handle, id });
  return answerStored(request, services.storage, { ...file, type: 'video/mp4' });
});
