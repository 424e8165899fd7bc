import { isIPv6 } from 'node:net';
import { openFilterProxy } from './filter-proxy.ts';
import type { PullUrl } from './pull-url.ts';
import { openRtspRelay } from './rtsp-relay.ts';
import type { ToSource } from './source/messages.ts';
import type { SourceEvents, SourceProcess, SourceProcesses } from './source-process.ts';
import type { TargetGuard } from './target-guard.ts';

/** What FFmpeg may open for a web address: nothing that reads files or names other protocols. */
const WEB_PROTOCOLS = 'http,https,tcp,tls,httpproxy,crypto';
const WEB_FORMATS = 'hls,mov,mpegts,flv,matroska,mp3,aac,ogg,wav';
const NETWORK_TIMEOUT_US = '10000000';
const LOOK = { probesize: '1000000', analyzeduration: '1000000', fpsprobesize: '0' };
const SRT_PASSED = ['streamid', 'passphrase', 'pbkeylen', 'latency'];

export type OpenedSource = {
  process: SourceProcess;
  /** Why a request of it was refused; null when none was. */
  refusal(): string | null;
  close(): void;
};

/**
 * Starts the process that reads a pulled source, with its way to the network guarded.
 * @throws ForbiddenTarget, or Error with code ENOTFOUND
 */
export async function openSource(
  from: PullUrl,
  guard: TargetGuard,
  events: SourceEvents,
  processes: SourceProcesses,
): Promise<OpenedSource> {
  // Also for web addresses, so that a refusal is told before a process is started.
  const address = await guard.resolve(from.host, from.port);
  if (from.scheme === 'rtsp') return openRtsp(from, address, events, processes);
  if (from.scheme === 'srt') {
    const process = processes.take().start(order(srtUrl(from, address), { ...LOOK }, 'mpegts', false), events);
    return { process, refusal: () => null, close: () => process.end() };
  }
  const proxy = await openFilterProxy(guard);
  const options = {
    ...LOOK,
    http_proxy: proxy.url,
    protocol_whitelist: WEB_PROTOCOLS,
    format_whitelist: WEB_FORMATS,
    rw_timeout: NETWORK_TIMEOUT_US,
    user_agent: 'Openair',
    ...(from.scheme === 'https' && { tls_verify: '1' }),
  };
  const input = order(from.url.href, options, '', from.loop);
  const process = processes.take().start(input, events);
  return {
    process,
    refusal: proxy.refusal,
    close() {
      process.end();
      proxy.close();
    },
  };
}

async function openRtsp(from: PullUrl, address: string, events: SourceEvents, processes: SourceProcesses) {
  let refusal: string | null = null;
  const relay = await openRtspRelay({ address, port: from.port }, () => {
    refusal = 'The RTSP server sends us to another address, which is not followed.';
  });
  const url = new URL(from.url);
  url.hostname = '127.0.0.1';
  url.port = String(relay.port);
  const options = { ...LOOK, rtsp_transport: 'tcp', timeout: NETWORK_TIMEOUT_US, protocol_whitelist: 'rtsp,rtp,tcp' };
  const process = processes.take().start(order(url.href, options, 'rtsp', false), events);
  return {
    process,
    refusal: () => refusal,
    close() {
      process.end();
      relay.close();
    },
  };
}

function order(url: string, options: Record<string, string>, format: string, loop: boolean): ToSource {
  return { say: 'open', url, options, format, loop };
}

/** In FFmpeg's form: to the address that was checked, with what the owner set and a latency in microseconds. */
function srtUrl({ url, port }: PullUrl, address: string): string {
  const query = ['mode=caller', 'transtype=live', 'connect_timeout=5000', `timeout=${NETWORK_TIMEOUT_US}`];
  for (const name of SRT_PASSED) {
    const value = url.searchParams.get(name);
    if (value === null) continue;
    if (name === 'latency') query.push(`latency=${Math.min(8_000, Math.max(20, Number(value) || 120)) * 1000}`);
    else query.push(`${name}=${encodeURIComponent(value)}`);
  }
  return `srt://${isIPv6(address) ? `[${address}]` : address}:${port}?${query.join('&')}`;
}
