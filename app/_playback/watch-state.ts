import type { Show } from '#core/playback/show';
import { LiveShow } from './live-show.ts';
import type { Playable } from './playable.ts';

/** What a player is told that waits for a show: cheap, so that it may ask every few seconds. */
export type WatchState = {
  state: 'waiting' | 'live' | 'ended' | 'unknown';
  title: string | null;
  startsAt: string | null;
  /** True while the host is away and the slate is sent. */
  interrupted: boolean;
  /** True once there is something to play under the show's URL. */
  playable: boolean;
};

export const UNKNOWN: WatchState = {
  state: 'unknown',
  title: null,
  startsAt: null,
  interrupted: false,
  playable: false,
};

/**
 * Joins what the backend said with what the feed shows: the feed alone opens a show when the backend is away (DR-1), a slate
 * alone does not open one that the host has not opened.
 */
export function watchState(show: Show, playable: Playable | null): WatchState {
  const { title, startsAt } = show;
  const ready = playable?.playable === true;
  const live = playable instanceof LiveShow ? playable : null;
  const opened = ['live', 'interrupted', 'ending'].includes(show.state) || live?.shows === 'source';
  const base = { title, startsAt, interrupted: show.state === 'interrupted', playable: ready };
  if (show.state === 'ended' || playable?.state === 'ended') return { ...base, state: 'ended', interrupted: false };
  return { ...base, state: ready && opened ? 'live' : 'waiting' };
}
