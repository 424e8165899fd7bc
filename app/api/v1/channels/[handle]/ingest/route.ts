import { showIngest } from '#core/ingest/show-ingest';
import { apiRoute } from '../../../../_http/api-route.ts';

export const GET = apiRoute({}, ({ actor, services, params }) =>
  showIngest(services, { actor, handle: params.handle ?? '' }),
);
