/** Work was not done in time. It goes on, and nobody hears of it. */
export class TooLate extends Error {}

/** @throws TooLate with a sentence made of `what` when the work takes longer than `limitMs` */
export async function inTime<Value>(work: Promise<Value>, limitMs: number, what: string): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TooLate(`${what} in ${limitMs / 1000} s`)), limitMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
