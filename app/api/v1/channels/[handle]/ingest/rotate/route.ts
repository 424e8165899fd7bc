import { rotateStreamKey } from '#core/ingest/rotate-stream-key';
import { apiRoute } from '../../../../../_http/api-route.ts';

export const POST = apiRoute({}, ({ actor, services, params }) =>
  rotateStreamKey(services, { actor, handle: params.handle ?? '' }),
);
