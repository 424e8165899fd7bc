import type { Presence } from './room-service.ts';

const LOOK_EVERY_MS = 3_000;
/** A participant who just joined may not be listed yet, and one answer may be stale. */
const MISSES_NEEDED = 2;

/**
 * Looks whether the participant is in the room: UDP does not tell that LiveKit restarted, moved the room or removed the participant.
 * An API that does not answer is no evidence.
 * @returns stops looking
 */
export function watchPresence(options: {
  look(): Promise<Presence | null>;
  /** False while it is not supposed to be there. */
  isExpected(): boolean;
  onLost(): void;
  onSeen?(presence: Presence): void;
  everyMs?: number;
  /** Looks although it is not expected yet, for `onSeen`; misses do not count then. */
  looksBefore?: boolean;
}): () => void {
  let misses = 0;
  let isLooking = false;
  const timer = setInterval(async () => {
    if (isLooking) return;
    if (!options.isExpected()) {
      misses = 0;
      if (!options.looksBefore) return;
    }
    isLooking = true;
    try {
      const presence = await options.look();
      misses = presence || !options.isExpected() ? 0 : misses + 1;
      if (presence) options.onSeen?.(presence);
      if (misses < MISSES_NEEDED || !options.isExpected()) return;
      misses = 0;
      options.onLost();
    } catch {
      misses = 0;
    } finally {
      isLooking = false;
    }
  }, options.everyMs ?? LOOK_EVERY_MS);
  return () => clearInterval(timer);
}
