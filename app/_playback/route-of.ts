import { PlaybackId } from '#core/playback/show';
import type { ReloadRequest } from './playable.ts';

export type ShowRoute = { playbackId: string; grant: string | null } & (
  | { kind: 'multivariant' | 'manifest' | 'time' | 'thumbnail' | 'beat' | 'renew' | 'state' | 'may' }
  | { kind: 'recording'; file: 'mp4' | 'm4a'; download: boolean }
  | { kind: 'storyboard'; sheet: number | null }
  | { kind: 'playlist'; rendition: string; request: ReloadRequest }
  | { kind: 'init'; rendition: string; epoch: number }
  | { kind: 'segment'; rendition: string; msn: number }
  | { kind: 'part'; rendition: string; msn: number; part: number }
);
export type Route = ShowRoute | { kind: 'health' } | { kind: 'metrics' };
export type RouteError = { kind: 'error'; status: 400 | 404; code: string };

const NOT_FOUND: RouteError = { kind: 'error', status: 404, code: 'not-found' };
/** Everything but these characters, `%` among them, ends in 404 before any store is asked (S-9). */
const CLEAN_PATH = /^\/[A-Za-z0-9_~./-]{1,400}$/;
const SHOW = /^([A-Za-z0-9_-]{3,64})(?:~([A-Za-z0-9_.-]{1,200}))?$/;
const RENDITION = /^[a-z0-9-]{1,24}$/;
const NUMBER = /^(0|[1-9][0-9]{0,9})$/;
const INIT = /^init-([0-9]{1,10})\.mp4$/;
const SEGMENT = /^([0-9]{1,10})\.m4s$/;
const RECORDING = /^recording\.(mp4|m4a)$/;
const SHEET = /^storyboard-([0-9]{1,5})\.jpg$/;
const PART = /^([0-9]{1,10})\.([0-9]{1,4})\.m4s$/;

/** A number without leading zeros: two addresses of one file would be two entries of a cache. */
function number(text: string | undefined): number | null {
  return text !== undefined && NUMBER.test(text) ? Number(text) : null;
}

/** Reads the delivery directives (RFC 8216bis 6.2.5.2, 6.2.5.1); other query parameters are not ours and pass. */
function reloadRequest(query: URLSearchParams): ReloadRequest | RouteError {
  const [msnText, partText, skip] = ['_HLS_msn', '_HLS_part', '_HLS_skip'].map((name) => query.get(name));
  const msn = typeof msnText === 'string' ? number(msnText) : null;
  const part = typeof partText === 'string' ? number(partText) : null;
  const bad = (typeof msnText === 'string' && msn === null) || (typeof partText === 'string' && part === null);
  if (bad) return { kind: 'error', status: 400, code: 'bad-directive' };
  if (part !== null && msn === null) return { kind: 'error', status: 400, code: 'part-without-msn' };
  return { msn, part, skip: skip === 'YES' || skip === 'v2' };
}

function fileRoute(base: { playbackId: string; grant: string | null }, rendition: string, file: string): Route | null {
  const init = number(INIT.exec(file)?.[1]);
  if (init !== null) return { ...base, kind: 'init', rendition, epoch: init };
  const msn = number(SEGMENT.exec(file)?.[1]);
  if (msn !== null) return { ...base, kind: 'segment', rendition, msn };
  const [, of, index] = PART.exec(file) ?? [];
  const [partOf, part] = [number(of), number(index)];
  return partOf !== null && part !== null ? { ...base, kind: 'part', rendition, msn: partOf, part } : null;
}

/** What stands beside the playlist of a show. */
function besideRoute(
  base: { playbackId: string; grant: string | null },
  name: string,
  query: URLSearchParams,
): Route | null {
  if (name === 'index.m3u8') return { ...base, kind: 'multivariant' };
  if (name === 'thumb.jpg') return { ...base, kind: 'thumbnail' };
  if (name === 'manifest.mpd') return { ...base, kind: 'manifest' };
  if (name === 'beat' || name === 'renew') return { ...base, kind: name };
  if (name === 'state' || name === 'time' || name === 'may') return { ...base, kind: name };
  if (name === 'storyboard.vtt') return { ...base, kind: 'storyboard', sheet: null };
  const sheet = number(SHEET.exec(name)?.[1]);
  if (sheet !== null) return { ...base, kind: 'storyboard', sheet };
  const file = RECORDING.exec(name)?.[1];
  if (file !== 'mp4' && file !== 'm4a') return null;
  return { ...base, kind: 'recording', file, download: query.has('download') };
}

function showRoute(pieces: string[], query: URLSearchParams): Route | RouteError {
  const [, playbackId, grant] = SHOW.exec(pieces[0] ?? '') ?? [];
  if (playbackId === undefined || !PlaybackId.safeParse(playbackId).success) return NOT_FOUND;
  const base = { playbackId, grant: grant ?? null };
  const [, second = '', third] = pieces;
  if (third === undefined) return besideRoute(base, second, query) ?? NOT_FOUND;
  if (!RENDITION.test(second)) return NOT_FOUND;
  if (third !== 'media.m3u8') return fileRoute(base, second, third) ?? NOT_FOUND;
  const request = reloadRequest(query);
  return 'kind' in request ? request : { ...base, kind: 'playlist', rendition: second, request };
}

/**
 * Reads the address of a request. Nothing is decoded or normalised: what does not match as it stands does not exist.
 * @param target the raw request target: `/play/pb_x/720p/media.m3u8?_HLS_msn=4`
 */
export function routeOf(target: string): Route | RouteError {
  const cut = target.indexOf('?');
  const path = cut < 0 ? target : target.slice(0, cut);
  if (path === '/healthz') return { kind: 'health' };
  if (path === '/metrics') return { kind: 'metrics' };
  if (!CLEAN_PATH.test(path) || path.includes('..') || path.includes('//')) return NOT_FOUND;
  const [, root, ...pieces] = path.split('/');
  if (root !== 'play' || pieces.length < 2 || pieces.length > 3) return NOT_FOUND;
  return showRoute(pieces, new URLSearchParams(cut < 0 ? '' : target.slice(cut)));
}

/** A crowd asks for the same few addresses: as many as that are read once. */
const MOST_KNOWN = 4096;
const known = new Map<string, Route | RouteError>();

/** The same as `routeOf`, out of memory where it was asked a moment ago. */
export function knownRouteOf(target: string): Route | RouteError {
  const found = known.get(target);
  if (found) return found;
  const route = routeOf(target);
  if (known.size >= MOST_KNOWN) known.clear();
  // With a grant it is one viewer's alone.
  if (target.length <= 200 && !target.includes('~')) known.set(target, route);
  return route;
}
