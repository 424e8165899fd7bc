import { AppError } from '#core/shared/app-error';
import { joinSrtUrl, parseSrtUrl } from '#core/shared/srt-url';

/** What an address leads to, without its secrets. */
export type PushTarget = { scheme: 'rtmp' | 'rtmps' | 'srt'; host: string; port: number };

const SHAPE = /^(rtmps?):\/\/(\[[0-9a-fA-F:.%]+\]|[A-Za-z0-9._-]+)(?::(\d{1,5}))?(\/[^\s\\]*)?$/i;
const DEFAULT_PORT = { rtmp: 1935, rtmps: 443 } as const;

/**
 * Takes an RTMP or SRT address apart. The reader is our own and strict: URL parsers disagree on what the host of an unusual
 * address is, and that is what attacks on address checks use.
 * @throws AppError 'destination-refused' with the field's name
 */
export function parsePushUrl(url: string, field = 'url'): PushTarget {
  const refuse = (message: string) =>
    new AppError('destination-refused', { blame: 'owner', retry: 'after-edit', field, message });
  if (isSrtUrl(url)) return readSrt(url, refuse);
  const [, scheme, host, port, path] = SHAPE.exec(url) ?? [];
  if (!scheme || !host) {
    throw refuse(
      /^rtmps?:/i.test(url)
        ? 'This is no RTMP address. It looks like rtmp://host/app, without a name or password in it.'
        : 'Only rtmp://, rtmps:// and srt:// addresses can be pushed to.',
    );
  }
  const kind = scheme.toLowerCase() === 'rtmps' ? 'rtmps' : 'rtmp';
  const number = port === undefined ? DEFAULT_PORT[kind] : Number(port);
  if (number < 1 || number > 65_535) throw refuse('The port must lie between 1 and 65535.');
  if (!path || path === '/') throw refuse('The address lacks the application: rtmp://host/app');
  return { scheme: kind, host, port: number };
}

export function isSrtUrl(url: string): boolean {
  return /^srt:/i.test(url);
}

function readSrt(url: string, refuse: (message: string) => AppError): PushTarget {
  try {
    const { host, port } = parseSrtUrl(url);
    return { scheme: 'srt', host, port };
  } catch (error) {
    throw refuse(error instanceof Error ? error.message : 'This is no SRT address.');
  }
}

/**
 * The full address with its key: server, a slash, key, as every encoder joins them. Of an SRT address the key is the secret part of its
 * query.
 */
export function joinPushUrl(url: string, streamKey: string): string {
  if (isSrtUrl(url)) return joinSrtUrl(url, streamKey);
  const server = url.replace(/\/+$/, '');
  return streamKey === '' ? server : `${server}/${streamKey}`;
}

/** Port: the public name of a push, HMAC of its full URL: two keys may be masked to the same text. */
export type PushIds = { idOf(pushUrl: string): string };
