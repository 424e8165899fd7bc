/**
 * The clock in the picture: 42 blocks of 28 × 28 px at 720p in the top edge, black or white, the milliseconds since 1970, most significant bit first.
 */
export const CLOCK_BITS = 42;
export const BLOCK_PX = 28;
/** Levels between which a block is neither black nor white: such a frame is void. */
export const VOID_FROM = 90;
export const VOID_TO = 160;

/** `nowMs` as bits, most significant first. */
export function bitsOf(nowMs: number): boolean[] {
  const text = Math.floor(nowMs).toString(2).padStart(CLOCK_BITS, '0');
  return Array.from(text.slice(-CLOCK_BITS), (bit) => bit === '1');
}

/** Milliseconds from the mean level (0 to 255) of each block, or null for a void frame. */
export function clockOf(levels: readonly number[]): number | null {
  if (levels.length !== CLOCK_BITS || levels.some((level) => level > VOID_FROM && level < VOID_TO)) return null;
  return Number.parseInt(levels.map((level) => (level >= VOID_TO ? '1' : '0')).join(''), 2);
}
