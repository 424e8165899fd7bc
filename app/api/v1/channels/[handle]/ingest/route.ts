import { changeIngestSettings } from '#core/ingest/change-ingest-settings';
import { IngestSettingsChange } from '#core/ingest/ingest-settings';
import { showIngest } from '#core/ingest/show-ingest';
import { apiRoute } from '../../../../_http/api-route.ts';

export const GET = apiRoute({}, ({ actor, services, params }) =>
  showIngest(services, { actor, handle: params.handle ?? '' }),
);

export const PATCH = apiRoute({ body: IngestSettingsChange }, ({ actor, services, params, body }) =>
  changeIngestSettings(services, { actor, handle: params.handle ?? '', input: body }),
);
