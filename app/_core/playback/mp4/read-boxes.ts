/** One box: `start` is the first byte after its header, `end` the first byte after it. */
export type Box = { type: string; start: number; end: number };

const CONTAINERS = new Set(['moov', 'trak', 'edts', 'mdia', 'minf', 'stbl', 'moof', 'traf', 'mvex', 'udta']);

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/**
 * Every box, containers before what they hold. Stops at the first broken size, so a file that was cut ends with its last whole box.
 * Source: ISO/IEC 14496-12, 4.2
 */
export function* readBoxes(data: DataView, from = 0, to = data.byteLength): Generator<Box> {
  let at = from;
  while (at + 8 <= to) {
    const type = String.fromCharCode(...[4, 5, 6, 7].map((i) => data.getUint8(at + i)));
    let size = data.getUint32(at);
    let head = 8;
    if (size === 1 && at + 16 <= to) {
      size = Number(data.getBigUint64(at + 8));
      head = 16;
    }
    if (size < head || at + size > to) return;
    const box = { type, start: at + head, end: at + size };
    yield box;
    if (CONTAINERS.has(type)) yield* readBoxes(data, box.start, box.end);
    at += size;
  }
}
