import type { PlayerStatus, ShowState } from '../core/phase.ts';
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

/** What such an answer changes in a player's status; null = nothing. */
export function changeBy(
  { state, title, startsAt, interrupted }: ShowFacts,
  before: PlayerStatus,
): Pick<PlayerStatus, 'hostAway' | 'title' | 'startsAt'> | null {
  if (state === 'unknown') return null;
  const hostAway = interrupted && state === 'live';
  const isSame = before.hostAway === hostAway && before.title === title && before.startsAt === startsAt;
  return isSame ? null : { hostAway, title, startsAt };
}

/** While a show is live, the origin is asked this often whether its host is there. */
const HOST_CHECK_MS = 5_000;

export function watchHost(show: {
  src: string;
  isWorthAsking(): boolean;
  onFacts(facts: ShowFacts): void;
  signal: AbortSignal;
}): void {
  const { src, signal } = show;
  const timer = setInterval(async () => {
    if (!show.isWorthAsking()) return;
    const answer = await askShowState(src, signal);
    if (answer.kind === 'state' && !signal.aborted) show.onFacts(answer);
  }, HOST_CHECK_MS);
  signal.addEventListener('abort', () => clearInterval(timer));
}
