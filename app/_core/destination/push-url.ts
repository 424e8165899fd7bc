import { AppError } from '#core/shared/app-error';

export type PushTarget = { scheme: 'rtmp' | 'rtmps'; host: string; port: number; path: string };

const SHAPE = /^(rtmps?):\/\/(\[[0-9a-fA-F:.%]+\]|[A-Za-z0-9._-]+)(?::(\d{1,5}))?(\/[^\s\\]*)?$/i;
const DEFAULT_PORT = { rtmp: 1935, rtmps: 443 } as const;

/**
 * Takes an RTMP address apart. The reader is our own and strict: URL parsers disagree on what the host of an unusual
 * address is, and that is what attacks on address checks use.
 * @throws AppError 'destination-refused' with the field's name
 */
export function parsePushUrl(url: string, field = 'url'): PushTarget {
  const refuse = (message: string) =>
    new AppError('destination-refused', { blame: 'owner', retry: 'after-edit', field, message });
  const [, scheme, host, port, path] = SHAPE.exec(url) ?? [];
  if (!scheme || !host) {
    throw refuse(
      /^rtmps?:/i.test(url)
        ? 'This is no RTMP address. It looks like rtmp://host/app, without a name or password in it.'
        : 'Only rtmp:// and rtmps:// addresses can be pushed to.',
    );
  }
  const kind = scheme.toLowerCase() === 'rtmps' ? 'rtmps' : 'rtmp';
  const number = port === undefined ? DEFAULT_PORT[kind] : Number(port);
  if (number < 1 || number > 65_535) throw refuse('The port must lie between 1 and 65535.');
  if (!path || path === '/') throw refuse('The address lacks the application: rtmp://host/app');
  return { scheme: kind, host, port: number, path };
}

/** The full address with its key: server, a slash, key, as every encoder joins them. */
export function joinPushUrl(url: string, streamKey: string): string {
  const server = url.replace(/\/+$/, '');
  return streamKey === '' ? server : `${server}/${streamKey}`;
}

/** Port: the public name of a push, HMAC of its full URL: two keys may be masked to the same text. */
export type PushIds = { idOf(pushUrl: string): string };
