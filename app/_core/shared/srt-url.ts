/**
 * An SRT destination taken apart. There is no standard for these addresses; this reads what srt-live-transmit, FFmpeg and OBS write:
 * `srt://host:port?streamid=…&passphrase=…&latency=…&pbkeylen=…`. Always in caller mode, MPEG-TS.
 */
export type SrtUrl = {
  /** Without the brackets of an IPv6 address. */
  host: string;
  port: number;
  /** Secret: platforms put their key in it. Empty = none. */
  streamId: string;
  /** Secret. Empty = not encrypted. */
  passphrase: string;
  /** Receiver's buffer in ms, 20 to 8,000. */
  latencyMs: number;
  /** Bytes of the AES key that the passphrase makes. */
  keyLength: 16 | 24 | 32;
};

/** What is wrong with an SRT address: a sentence for its owner that repeats nothing of it. */
export class SrtUrlError extends Error {
  override readonly name = 'SrtUrlError';
}

export const SRT_DEFAULT_LATENCY_MS = 300;
const SHAPE = /^srt:\/\/(\[[0-9a-fA-F:.%]+\]|[A-Za-z0-9._-]+):(\d{1,5})\/?(?:\?([^\s\\]*))?$/i;
const MAX_STREAM_ID = 512;
/** Beyond any buffer that makes sense in ms, so it was meant in µs, as FFmpeg and OBS have it. */
const MICROSECONDS_FROM = 10_000;
/** Options that change nothing here, or say what is done anyway. */
const HARMLESS = ['transtype', 'pkt_size', 'payload_size', 'payloadsize', 'connect_timeout', 'conntimeo', 'timeout'];
const SECRET = ['streamid', 'passphrase'];

/** @throws SrtUrlError with a sentence */
export function parseSrtUrl(text: string): SrtUrl {
  const [, host, portText, query = ''] = SHAPE.exec(text) ?? [];
  if (!host || !portText) throw new SrtUrlError('This is no SRT address. It looks like srt://host:port?streamid=…');
  const port = Number(portText);
  if (port < 1 || port > 65_535) throw new SrtUrlError('The port must lie between 1 and 65535.');
  const url: SrtUrl = {
    host: host.replace(/^\[|\]$/g, ''),
    port,
    streamId: '',
    passphrase: '',
    latencyMs: SRT_DEFAULT_LATENCY_MS,
    keyLength: 16,
  };
  for (const [name, value] of parameters(query)) setOption(url, name, value);
  return url;
}

function setOption(url: SrtUrl, name: string, value: string): void {
  if (name === 'streamid') {
    if (value.length > MAX_STREAM_ID) throw new SrtUrlError('The stream id must have at most 512 characters.');
    url.streamId = value;
  } else if (name === 'passphrase') {
    url.passphrase = requirePassphrase(value);
  } else if (name === 'latency' || name === 'rcvlatency' || name === 'peerlatency') {
    url.latencyMs = readLatency(value);
  } else if (name === 'pbkeylen') {
    const length = [16, 24, 32] as const;
    const found = length.find((one) => String(one) === value);
    if (!found && value !== '0') throw new SrtUrlError('pbkeylen must be 16, 24 or 32.');
    url.keyLength = found ?? 16;
  } else if (name === 'mode') {
    if (value !== 'caller') {
      throw new SrtUrlError(
        'The show is sent in caller mode only: the other side has to listen (mode=listener there).',
      );
    }
  } else if (!HARMLESS.includes(name)) {
    throw new SrtUrlError('Of an SRT address, streamid, passphrase, latency, pbkeylen and mode are understood.');
  }
}

/** @throws SrtUrlError when it is neither empty nor of 10 to 79 characters, libsrt's bounds, or cannot be handed to it */
export function requirePassphrase(value: string): string {
  if (/[&+]/.test(value)) throw new SrtUrlError('An SRT passphrase cannot hold the characters & and + here.');
  if (value !== '' && (value.length < 10 || value.length > 79)) {
    throw new SrtUrlError('An SRT passphrase has 10 to 79 characters.');
  }
  return value;
}

function readLatency(value: string): number {
  const number = Number(value);
  if (!/^\d{1,8}$/.test(value)) throw new SrtUrlError('The latency must be a number of milliseconds.');
  const ms = number >= MICROSECONDS_FROM ? Math.round(number / 1000) : number;
  return Math.min(8_000, Math.max(20, ms));
}

/** Name and value pairs; a plus is a plus, and an id may begin with `#`. */
function parameters(query: string): [string, string][] {
  return query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const cut = pair.indexOf('=');
      const [name, value] = cut < 0 ? [pair, ''] : [pair.slice(0, cut), pair.slice(cut + 1)];
      return [name.toLowerCase(), decode(value)];
    });
}

function decode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

/** The address with its secrets taken out, for showing, and the secrets as a query, for sealing: `streamid=…&passphrase=…`. */
export function splitSrtUrl(text: string): { url: string; secrets: string } {
  const [server = '', ...rest] = text.split('?');
  const pairs = rest
    .join('?')
    .split('&')
    .filter((pair) => pair !== '');
  const isSecret = (pair: string) => SECRET.includes(pair.split('=')[0]?.toLowerCase() ?? '');
  const open = pairs.filter((pair) => !isSecret(pair));
  return { url: open.length > 0 ? `${server}?${open.join('&')}` : server, secrets: pairs.filter(isSecret).join('&') };
}

/** Secrets as a query, for `joinSrtUrl`. */
export function writeSrtSecrets(secrets: { streamId: string; passphrase: string }): string {
  const pairs = [
    ['streamid', secrets.streamId],
    ['passphrase', secrets.passphrase],
  ] as const;
  return pairs
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&');
}

/** Puts the secrets back that `splitSrtUrl` took out. */
export function joinSrtUrl(url: string, secrets: string): string {
  return secrets === '' ? url : `${url}${url.includes('?') ? '&' : '?'}${secrets}`;
}
