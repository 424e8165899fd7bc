/** A measured rate below or above these shares of the declared one is no encoder that leaves pictures out: what it declared is wrong. */
const LEAST_SHARE = 0.4;
const MOST_SHARE = 1.5;

/**
 * The frame rate of a stream: the one its encoder declares, since what is measured over a few seconds swings with the network and the
 * encoder's load; measured where none is declared, or where it cannot be true. 0 while neither is known.
 */
export function streamRate(declared: number, measured: number): number {
  if (declared <= 0) return measured;
  if (measured <= 0) return declared;
  const share = measured / declared;
  return share < LEAST_SHARE || share > MOST_SHARE ? measured : declared;
}
