import { requireChannel } from '#core/channel/require-channel';
import { apiRoute } from '../../../_http/api-route.ts';
import { channelView } from '../../../_http/views.ts';

export const GET = apiRoute({}, async ({ services, params }) =>
  channelView(await requireChannel(services, params.handle ?? ''), services.env.OPENAIR_URL),
);
