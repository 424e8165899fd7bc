import { createHmac } from 'node:crypto';
import { RpcError } from '#bus/rpc-error';
import { parseSrtUrl } from '#core/shared/srt-url';
import type { PushPlan } from '../plan.ts';

/** Longer addresses are somebody's mistake; platforms stay under 500. */
const MAX_URL = 2_048;
/** Destinations of one egress at a time. */
export const MAX_PUSHES = 20;
const SRT_SERVER = /^(srt:\/\/[^\s/?@]+)\/?(\?.*)?$/i;
const SHAPE = /^(rtmps?):\/\/([^\s/]+)\/(\S+\/)?([^\s/]+)( live=1)?$/i;

/**
 * Known by the HMAC of its full URL, since two keys may redact to the same text: the first 16 hex figures of HMAC-SHA256(LiveKit's API
 * secret, `push:` + URL). The app computes the same (its `_adapters/livekit/push-id.ts`) to match a destination with its state in the feed.
 */
export function pushIdOf(apiSecret: string, url: string): string {
  return createHmac('sha256', apiSecret).update(`push:${url}`).digest('hex').slice(0, 16);
}

function redactKey(key: string): string {
  for (const length of [3, 2, 1]) {
    if (key.length >= length * 3) return `{${key.slice(0, length)}...${key.slice(-length)}}`;
  }
  return '{...}';
}

/**
 * The address as it may be stored, shown and logged: LiveKit's form `rtmp://host/app/{abc...xyz}`, and `srt://host:port?{...}`. A query or
 * a login is a secret too. An address of any other shape gives its scheme alone.
 */
export function redactPushUrl(url: string): string {
  const srt = SRT_SERVER.exec(url.trim());
  if (srt) return `${srt[1]}${srt[2] ? '?{...}' : ''}`;
  const match = SHAPE.exec(url.trim());
  if (!match) return /^[a-z][a-z0-9+.-]{0,15}:\/\//i.exec(url)?.[0].concat('{...}') ?? '{...}';
  const [, scheme = '', authority = '', path = '', key = ''] = match;
  const host = authority.replace(/^.*@/, '');
  return `${scheme}://${host}/${path.replace(/\?.*$/, '')}${redactKey(key)}`;
}

/** LiveKit's short forms `mux://KEY` and `twitch://KEY`; Twitch finds the nearest server behind one name by itself. */
const SHORT: Record<string, string> = {
  mux: 'rtmps://global-live.mux.com:443/app/',
  twitch: 'rtmps://ingest.global-contribute.live-video.net:443/app/',
};

function fullAddress(url: string): string {
  const short = /^(mux|twitch):\/\/([^\s/?@]+)$/i.exec(url);
  const base = short && SHORT[short[1]?.toLowerCase() ?? ''];
  return base ? `${base}${short[2]}` : url;
}

/** Host and port only: what a log line may hold. */
export function hostOf(url: string): string {
  const srt = SRT_SERVER.exec(url.trim())?.[1];
  return srt?.slice('srt://'.length) ?? SHAPE.exec(url.trim())?.[2]?.replace(/^.*@/, '') ?? 'unknown';
}

/**
 * Checks an RTMP or SRT address and gives it its id.
 * @throws RpcError `invalid_argument` or `unimplemented`; the sentence never holds the address
 */
export function toPushPlan(apiSecret: string, url: string): PushPlan {
  const trimmed = fullAddress(url.trim());
  if (trimmed.length > MAX_URL) throw new RpcError('invalid_argument', 'a stream url is too long');
  const scheme = /^([a-z][a-z0-9+.-]{0,15}):\/\//i.exec(trimmed)?.[1]?.toLowerCase();
  if (scheme === 'ws' || scheme === 'wss') {
    throw new RpcError(
      'unimplemented',
      `stream urls of the kind ${scheme}:// are not served; use rtmp://, rtmps:// or srt://`,
    );
  }
  if (scheme === 'srt') {
    try {
      parseSrtUrl(trimmed);
    } catch (error) {
      throw new RpcError('invalid_argument', error instanceof Error ? error.message : 'a stream url cannot be read');
    }
    return { id: pushIdOf(apiSecret, trimmed), url: trimmed };
  }
  if (scheme !== 'rtmp' && scheme !== 'rtmps') {
    throw new RpcError('invalid_argument', 'a stream url must begin with rtmp://, rtmps:// or srt://');
  }
  if (!SHAPE.test(trimmed) || !URL.canParse(trimmed.replace(/^rtmps?:/i, 'http:').replace(/ live=1$/, ''))) {
    throw new RpcError('invalid_argument', `a stream url must look like ${scheme}://host/app/key`);
  }
  return { id: pushIdOf(apiSecret, trimmed), url: trimmed };
}

/** Several addresses, each once. @throws as `toPushPlan` */
export function toPushPlans(apiSecret: string, urls: string[]): PushPlan[] {
  const plans = urls.map((url) => toPushPlan(apiSecret, url));
  const once = plans.filter((plan, index) => plans.findIndex((other) => other.id === plan.id) === index);
  if (once.length > MAX_PUSHES) throw tooManyPushes(once.length);
  return once;
}

export function tooManyPushes(count: number): RpcError {
  return new RpcError(
    'invalid_argument',
    `stream urls: an egress has at most ${MAX_PUSHES} at a time, this would be ${count}`,
  );
}
