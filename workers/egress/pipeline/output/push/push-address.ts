import { parseSrtUrl, type SrtUrl } from '#core/shared/srt-url';
import type { RtmpTarget } from './rtmp-session.ts';

export type RtmpAddress = RtmpTarget & { protocol: 'rtmp'; secure: boolean; host: string; port: number };
export type SrtAddress = SrtUrl & { protocol: 'srt' };
/** Where a push goes, with its secrets. */
export type PushAddress = RtmpAddress | SrtAddress;

const RTMP =
  /^(rtmps?):\/\/(?:[^\s/@]*@)?(\[[0-9a-fA-F:.%]+\]|[^\s/:?#@[\]]+)(?::(\d{1,5}))?\/+([^\s?]+)(\?\S*)?( live=1)?$/i;

/**
 * Takes a push URL apart: `rtmp(s)://host[:port]/app[/instance]/name[?query]` or an SRT address. The name is all behind the last slash
 * of the path and goes to the platform as it was written: encoders do not decode keys either.
 * @returns null when it is no such URL
 */
export function parsePushUrl(text: string): PushAddress | null {
  if (/^srt:/i.test(text)) return parseSrt(text);
  const [, scheme = '', authority = '', portText, path = '', query = ''] = RTMP.exec(text) ?? [];
  const secure = scheme.toLowerCase() === 'rtmps';
  const port = portText === undefined ? (secure ? 443 : 1935) : Number(portText);
  const cut = path.lastIndexOf('/');
  const app = cut < 0 ? path : path.slice(0, cut);
  const name = cut < 0 ? '' : path.slice(cut + 1);
  if (app === '' || port < 1 || port > 65_535) return null;
  const tcUrl = `${scheme.toLowerCase()}://${authority}${portText === undefined ? '' : `:${port}`}/${app}`;
  const host = authority.replace(/^\[|\]$/g, '');
  return { protocol: 'rtmp', secure, host, port, app, tcUrl, streamName: name + query };
}

function parseSrt(text: string): SrtAddress | null {
  try {
    return { protocol: 'srt', ...parseSrtUrl(text) };
  } catch {
    return null;
  }
}
