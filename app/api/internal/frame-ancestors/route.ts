import { FrameAncestorsOf, frameAncestorsOf } from '#core/channel/embed-rules';
import { internalRoute } from '../../_http/internal-route.ts';

/** For proxy.ts, which writes the headers of pages and reads no store. */
export const POST = internalRoute(FrameAncestorsOf, ({ services, body }) => frameAncestorsOf(services, body));
