/** Does work again when it failed. */
export type Again = <T>(work: () => Promise<T>) => Promise<T>;

/**
 * @param pausesMs waits before each new try; after the last one the failure stands
 * @param wait the timer, which the domain does not have
 * @param isWorth false = the same would happen again
 */
export function againAfter(
  pausesMs: readonly number[],
  wait: (ms: number) => Promise<unknown>,
  isWorth: (error: unknown) => boolean = () => true,
): Again {
  return async (work) => {
    for (const pauseMs of pausesMs) {
      try {
        return await work();
      } catch (error) {
        if (!isWorth(error)) throw error;
        await wait(pauseMs);
      }
    }
    return work();
  };
}
