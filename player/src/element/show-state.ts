import type { ShowState } from '../core/phase.ts';

/** `…/play/{id}/index.m3u8` → `…/play/{id}/{name}`: state and beat stand beside the playlist, so a grant in the path covers them too. */
export function besidePlaylist(src: string, name: string): string {
  return src.replace(/index\.m3u8(\?.*)?$/, name);
}

export type ShowAnswer = { kind: 'state'; state: ShowState } | { kind: 'forbidden' } | { kind: 'unreachable' };

/** Asks the origin what the show is doing. Never throws. */
export async function askShowState(src: string, signal: AbortSignal): Promise<ShowAnswer> {
  try {
    const answer = await fetch(besidePlaylist(src, 'state'), { signal, cache: 'no-store', credentials: 'omit' });
    if (answer.status === 401 || answer.status === 403) return { kind: 'forbidden' };
    if (answer.status === 404) return { kind: 'state', state: 'unknown' };
    if (!answer.ok) return { kind: 'unreachable' };
    const body: unknown = await answer.json();
    return { kind: 'state', state: readState(body) };
  } catch {
    return { kind: 'unreachable' };
  }
}

function readState(body: unknown): ShowState {
  const state = typeof body === 'object' && body !== null && 'state' in body ? body.state : undefined;
  return state === 'waiting' || state === 'live' || state === 'ended' ? state : 'unknown';
}
