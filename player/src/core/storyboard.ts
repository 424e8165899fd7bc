/** One preview picture: seconds of the show it stands for, and where it lies on its sheet. */
export type Preview = {
  fromS: number;
  toS: number;
  image: string;
  x: number;
  y: number;
  width: number;
  height: number;
};

const TIME = '(?:(\\d{2,}):)?(\\d\\d):(\\d\\d)\\.(\\d{3})';
const CUE = new RegExp(
  `^${TIME}[ \\t]+-->[ \\t]+${TIME}.*\\n(\\S+)#xywh=(?:pixel:)?(\\d+),(\\d+),(\\d+),(\\d+)$`,
  'gm',
);

/**
 * Reads a storyboard: WebVTT whose cues are image addresses with a spatial media fragment. What is no such cue is passed over.
 * @param base address of the folder that the track lies in, with its slash; images are relative to it
 * Source: W3C WebVTT 1; W3C Media Fragments URI 1.0, 4.2.2
 */
export function readStoryboard(text: string, base: string): Preview[] {
  return [...text.replace(/\r\n?/g, '\n').matchAll(CUE)].map((found) => {
    const number = (index: number) => Number(found[index] ?? 0);
    const seconds = (at: number) => number(at) * 3600 + number(at + 1) * 60 + number(at + 2) + number(at + 3) / 1000;
    const [x, y, width, height] = [number(10), number(11), number(12), number(13)];
    return { fromS: seconds(1), toS: seconds(5), image: `${base}${found[9] ?? ''}`, x, y, width, height };
  });
}

/** The picture for a second of the show: the last one that has begun; null before the first one exists. */
export function previewAt(previews: readonly Preview[], atS: number): Preview | null {
  let low = 0;
  let high = previews.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((previews[middle]?.fromS ?? 0) <= atS) low = middle + 1;
    else high = middle;
  }
  return previews[Math.max(0, low - 1)] ?? null;
}
