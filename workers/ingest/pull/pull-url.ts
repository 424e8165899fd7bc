/** A URL to pull from, taken apart. */
export type PullUrl = {
  scheme: 'http' | 'https' | 'srt' | 'rtsp';
  host: string;
  port: number;
  /** Without the fragment. Holds secrets. */
  url: URL;
  /** `#loop` behind the address: a recorded source begins again at its end. A fragment is never sent to the server. */
  loop: boolean;
};

const DEFAULT_PORT = { http: 80, https: 443, srt: 0, rtsp: 554 } as const;
const MAX_LENGTH = 2_000;

/** @returns a sentence instead when it cannot be pulled */
export function readPullUrl(text: string): PullUrl | string {
  if (text.length > MAX_LENGTH || !URL.canParse(text)) return 'This is no address that can be read.';
  const url = new URL(text);
  const scheme = url.protocol.slice(0, -1);
  if (scheme !== 'http' && scheme !== 'https' && scheme !== 'srt' && scheme !== 'rtsp') {
    return `Addresses that begin with ${scheme}: are not pulled; http, https, srt and rtsp are.`;
  }
  const port = Number(url.port) || DEFAULT_PORT[scheme];
  if (url.hostname === '') return 'This address names no host.';
  if (port === 0) return 'An srt address needs a port.';
  const loop = url.hash === '#loop';
  url.hash = '';
  return { scheme, host: url.hostname, port, url, loop };
}
