import { removeInputRecording, viewInputRecording } from '#core/ingest/input-recordings';
import { apiRoute } from '../../../../../../_http/api-route.ts';

export const GET = apiRoute({}, ({ actor, services, params: { handle = '', id = '' } }) =>
  viewInputRecording(services, { actor, handle, id }),
);

export const DELETE = apiRoute({}, ({ actor, services, params: { handle = '', id = '' } }) =>
  removeInputRecording(services, { actor, handle, id }),
);
