import { autoStart } from '#core/broadcast/auto-start';
import { ReportIngest, reportIngest } from '#core/ingest/report-ingest';
import { internalRoute } from '../../../_http/internal-route.ts';

export const POST = internalRoute(ReportIngest, async ({ services, body }) => {
  await reportIngest(services, body);
  if (body.state === 'publishing') await autoStart(services, body.channelId);
});
