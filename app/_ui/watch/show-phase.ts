import type { ChannelPage, PublicBroadcast } from '#core/broadcast/public-views';
import { needsGrant } from '#core/playback/needs-grant';

/** What a watch page is about right now. Each has a badge, a sentence and a picture of its own. */
export type ShowPhase =
  | 'none'
  | 'scheduled'
  | 'backstage'
  | 'live'
  | 'interrupted'
  | 'ending'
  | 'recording'
  | 'processing'
  | 'cancelled'
  | 'removed';

export function phaseOf(broadcast: PublicBroadcast | null): ShowPhase {
  if (!broadcast) return 'none';
  if (broadcast.state !== 'ended') return broadcast.state;
  if (broadcast.endReason === 'cancelled') return 'cancelled';
  if (broadcast.endReason === 'removed') return 'removed';
  return broadcast.hasRecording ? 'recording' : 'processing';
}

/** Whether the player belongs on the page: it waits for what has not begun and plays what has ended. */
export function hasPicture(phase: ShowPhase): boolean {
  return phase !== 'none' && phase !== 'cancelled' && phase !== 'removed';
}

export function isOnAir(phase: ShowPhase): boolean {
  return phase === 'live' || phase === 'interrupted' || phase === 'ending';
}

/**
 * The broadcast a page goes on with when news of one comes.
 * @param isFixed true at `/{handle}/{broadcastId}`, which stays with its broadcast whatever else begins
 */
export function nextShown(
  shown: PublicBroadcast | null,
  news: PublicBroadcast,
  isFixed: boolean,
): PublicBroadcast | null {
  if (shown?.id === news.id) return news;
  if (isFixed) return shown;
  // A show on air is not left for another one that is only being prepared.
  if (shown && isOnAir(phaseOf(shown)) && !isOnAir(phaseOf(news))) return shown;
  // Who watches the end of a show, or its recording, is not torn away by the next one's preparation.
  if (shown && shown.state === 'ended' && !isOnAir(phaseOf(news))) return shown;
  return news.state === 'ended' ? shown : news;
}

/** News tell nobody's addresses: what this page was given to play stays. */
export function withPlaybackOf(shown: PublicBroadcast | null, given: PublicBroadcast | null): PublicBroadcast | null {
  if (!shown || shown.id !== given?.id || !needsGrant(given.visibility)) return shown;
  return shown.playback.hls === given.playback.hls ? shown : { ...shown, playback: given.playback };
}

const STILL_NEWS_MS = 24 * 3_600_000;

/** What a channel's address shows first: what is on air or coming, else the show that ended within a day, else nothing. */
export function firstShown(page: ChannelPage, nowMs: number): PublicBroadcast | null {
  if (page.current) return page.current;
  const last = page.recent.find((one) => hasPicture(phaseOf(one)));
  const endedMs = last?.endedAt ? Date.parse(last.endedAt) : Number.NaN;
  return last && nowMs - endedMs < STILL_NEWS_MS ? last : null;
}
