import type { ShowState } from '../core/phase.ts';
import { withNewestGrant } from '../grant/keep-grant.ts';

/** `…/play/{id}/index.m3u8` → `…/play/{id}/{name}`: state and beat stand beside the playlist, so a grant in the path covers them too. */
export function besidePlaylist(src: string, name: string): string {
  return withNewestGrant(src.replace(/index\.m3u8(\?.*)?$/, name));
}

/** What the origin says of a show: `interrupted` = on air without the host. */
export type ShowFacts = { state: ShowState; title: string | null; startsAt: string | null; interrupted: boolean };

export type ShowAnswer = ({ kind: 'state' } & ShowFacts) | { kind: 'forbidden' } | { kind: 'unreachable' };

const UNKNOWN: ShowFacts = { state: 'unknown', title: null, startsAt: null, interrupted: false };

/** Asks the origin what the show is doing. Never throws. */
export async function askShowState(src: string, signal: AbortSignal): Promise<ShowAnswer> {
  try {
    const answer = await fetch(besidePlaylist(src, 'state'), { signal, cache: 'no-store', credentials: 'omit' });
    if (answer.status === 401 || answer.status === 403) return { kind: 'forbidden' };
    if (answer.status === 404) return { kind: 'state', ...UNKNOWN };
    if (!answer.ok) return { kind: 'unreachable' };
    return { kind: 'state', ...readFacts(await answer.json()) };
  } catch {
    return { kind: 'unreachable' };
  }
}

function readFacts(body: unknown): ShowFacts {
  if (typeof body !== 'object' || body === null) return UNKNOWN;
  const field = (name: string): unknown => (name in body ? (body as Record<string, unknown>)[name] : undefined);
  const text = (name: string) => (typeof field(name) === 'string' ? String(field(name)) : null);
  const state = field('state');
  return {
    state: state === 'waiting' || state === 'live' || state === 'ended' ? state : 'unknown',
    title: text('title'),
    startsAt: text('startsAt'),
    interrupted: field('interrupted') === true,
  };
}
