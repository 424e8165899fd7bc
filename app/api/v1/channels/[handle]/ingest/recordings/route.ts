import { listInputRecordings } from '#core/ingest/input-recordings';
import { apiRoute } from '../../../../../_http/api-route.ts';

export const GET = apiRoute({}, async ({ actor, services, params }) => ({
  items: await listInputRecordings(services, { actor, handle: params.handle ?? '' }),
}));
