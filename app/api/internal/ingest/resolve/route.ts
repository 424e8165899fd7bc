import { ResolveStreamKey, resolveStreamKey } from '#core/ingest/resolve-stream-key';
import { internalRoute } from '../../../_http/internal-route.ts';

export const POST = internalRoute(ResolveStreamKey, ({ services, body }) => resolveStreamKey(services, body));
