import { EmbedRules, setEmbedRules, showEmbedRules } from '#core/channel/embed-rules';
import { apiRoute } from '../../../../_http/api-route.ts';

export const GET = apiRoute({}, ({ actor, services, params }) =>
  showEmbedRules(services, { actor, handle: params.handle ?? '' }),
);

export const PUT = apiRoute({ body: EmbedRules }, ({ actor, services, params, body }) =>
  setEmbedRules(services, { actor, handle: params.handle ?? '', input: body }),
);
