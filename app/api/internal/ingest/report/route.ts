import { autoStart } from '#core/broadcast/auto-start';
import { ReportIngest, reportIngest } from '#core/ingest/report-ingest';
import { internalRoute } from '../../../_http/internal-route.ts';

export const POST = internalRoute(ReportIngest, async ({ services, body }) => {
  const { hasBegun } = await reportIngest(services, body);
  // Every second's figures need not ask again; a report of the state does, since the call before it may have failed.
  if (hasBegun || (body.state === 'publishing' && !body.health)) await autoStart(services, body.channelId);
});
