/** Cores that decoding, and encoding at this rate of pixels, take: an estimate, still to be measured with `npm run bench:ingest` at 720p30. */
const BASE = 0.06;
const DECODE_720P30 = 0.06;
const ENCODE_720P30 = 0.2;
const PIXELS_720P30 = 1280 * 720 * 30;

type Picture = { width: number; height: number; fps: number };

/** What a transcode will take, in cores. @param from as it comes in @param to as it is sent */
export function transcodeCores(from: Picture, to: Picture): number {
  const share = ({ width, height, fps }: Picture) => (width * height * fps) / PIXELS_720P30;
  return BASE + DECODE_720P30 * share(from) + ENCODE_720P30 * share(to);
}
