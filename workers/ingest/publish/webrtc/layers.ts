/** A size the picture is sent in, px; zeros where it is not known beforehand. */
export type Layer = { width: number; height: number; bitrateKbps: number };
export const UNKNOWN_LAYER: Layer = { width: 0, height: 0, bitrateKbps: 0 };

/** What livekit-server calls sizes of a picture, the smallest first. */
const RIDS = ['q', 'h', 'f'];
const MID_URI = 'urn:ietf:params:rtp-hdrext:sdes:mid';
const RID_URI = 'urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id';

/** Ids of the header extensions that tell layers apart before their SSRCs are known (RFC 8843, 15; RFC 8852). */
export const EXTENSION = { mid: 1, rid: 2 } as const;

/** Names of the layers, the largest first; a picture in one size has none. @param layers 1 to 3 */
export function ridsOf(layers: number): (string | null)[] {
  return layers > 1 ? RIDS.slice(0, layers).reverse() : [null];
}

/**
 * An offer whose picture is sent in several layers (RFC 8853, 5.1): they are named by RID, so their SSRCs are left out, by which a receiver would
 * take them for so many pictures.
 */
export function offerLayers(offer: string, layers: number): string {
  if (layers === 1) return offer;
  const named = ridsOf(layers)
    .filter((rid) => rid !== null)
    .reverse();
  const lines = offer.split(/\r?\n/);
  const begin = lines.findIndex((line) => line.startsWith('m=video'));
  const next = lines.findIndex((line, at) => at > begin && line.startsWith('m='));
  const end = next === -1 ? lines.length : next;
  const section = lines.slice(begin, end).filter((line) => line !== '' && !line.startsWith('a=ssrc'));
  section.push(
    `a=extmap:${EXTENSION.mid} ${MID_URI}`,
    `a=extmap:${EXTENSION.rid} ${RID_URI}`,
    ...named.map((rid) => `a=rid:${rid} send`),
    `a=simulcast:send ${named.join(';')}`,
  );
  const rest = next === -1 ? [''] : lines.slice(next);
  return [...lines.slice(0, begin), ...section, ...rest].join('\r\n');
}
