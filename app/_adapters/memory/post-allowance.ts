import { ALLOWANCES, type PostAllowance } from '#core/chat/post-allowance';
import type { Clock } from '#core/shared/clock';

/** Twin of the Redis allowance: fixed windows that begin with the first take. */
export function createMemoryPostAllowance(clock: Clock): PostAllowance {
  const windows = new Map<string, { endsAtMs: number; left: number }>();
  return {
    async take(what, who) {
      const nowMs = clock.now().getTime();
      const key = `${what}:${who}`;
      const open = windows.get(key);
      const window =
        open && open.endsAtMs > nowMs
          ? open
          : { endsAtMs: nowMs + ALLOWANCES[what].seconds * 1000, left: ALLOWANCES[what].points };
      windows.set(key, window);
      if (window.left === 0) return window.endsAtMs - nowMs;
      window.left -= 1;
      return 0;
    },
  };
}
