import { metricsText } from '../../_http/metrics.ts';

export const dynamic = 'force-dynamic';

/** For Prometheus beside us; the edge does not route it. */
export async function GET(): Promise<Response> {
  const { type, text } = await metricsText();
  return new Response(text, { headers: { 'content-type': type, 'cache-control': 'no-store' } });
}
