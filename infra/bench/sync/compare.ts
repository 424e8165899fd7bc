import type { Picture } from './read-media.ts';

/** A flash and a beep further apart than this belong to different seconds. */
const PAIR_S = 0.4;

/**
 * How much later the sound comes than the picture, in ms, for each flash that has a beep; positive = sound late. A flash counts from the
 * first white picture after a picture that is not.
 */
export function lipSync(pictures: readonly Picture[], beeps: readonly number[]): number[] {
  const flashes = pictures.filter((picture, at) => picture.white && at > 0 && !pictures[at - 1]?.white);
  return flashes.flatMap(({ atS }) => {
    const nearest = beeps.reduce<number | null>(
      (best, beep) => (best === null || Math.abs(beep - atS) < Math.abs(best - atS) ? beep : best),
      null,
    );
    return nearest !== null && Math.abs(nearest - atS) < PAIR_S ? [(nearest - atS) * 1000] : [];
  });
}

export type Alignment = {
  /** Instants of media time at which both rungs have a picture whose number can be read. */
  compared: number;
  /** Of them, how many show the very same picture. */
  same: number;
  /** Largest difference in pictures. */
  worst: number;
};

/**
 * Compares two rungs at the same media times.
 * @param loop length of the source's count, after which it begins anew
 */
export function alignment(a: readonly Picture[], b: readonly Picture[], loop: number): Alignment {
  const key = (atS: number) => Math.round(atS * 1000);
  const others = new Map(b.map((picture) => [key(picture.atS), picture.number]));
  const found: Alignment = { compared: 0, same: 0, worst: 0 };
  for (const { atS, number } of a) {
    const other = others.get(key(atS));
    if (number === null || other === null || other === undefined) continue;
    const apart = Math.abs(number - other);
    const difference = Math.min(apart, loop - apart);
    found.compared++;
    if (difference === 0) found.same++;
    found.worst = Math.max(found.worst, difference);
  }
  return found;
}
