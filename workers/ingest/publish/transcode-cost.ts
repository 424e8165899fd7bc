/**
 * Cores that a transcode takes, measured at 30 pictures a second with `ClockPicture`: decoding 0.11 at 720p (0.13 with B-frames) and 0.22 at
 * 1080p, encoding 0.24 to 0.29 and 0.63. The rest, with sound and WebRTC, is what `npm run bench:ingest` gives for a copied picture.
 */
const BASE = 0.07;
const DECODE_720P30 = 0.12;
const ENCODE_720P30 = 0.27;
const PIXELS_720P30 = 1280 * 720 * 30;

type Picture = { width: number; height: number; fps: number };

/** What a transcode will take, in cores. @param from as it comes in @param to as it is sent, in each of its sizes */
export function transcodeCores(from: Picture, ...to: readonly Picture[]): number {
  const share = ({ width, height, fps }: Picture) => (width * height * fps) / PIXELS_720P30;
  const encoded = to.reduce((sum, picture) => sum + share(picture), 0);
  return BASE + DECODE_720P30 * share(from) + ENCODE_720P30 * encoded;
}
