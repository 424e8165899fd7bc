import { fullBox, u32, u64 } from '#core/playback/mp4/write-boxes';

/**
 * Timed metadata: an ID3 tag in an `emsg` box in front of a chunk, as players hand it to pages (hls.js: FRAG_PARSING_METADATA; DASH:
 * InbandEventStream). Sources: ISO/IEC 23009-1 5.10.3.3; AOM "Carriage of ID3 Timed Metadata in CMAF"; ID3v2.4.0 structure and frames.
 */
export const ID3_SCHEME = 'https://aomedia.org/emsg/ID3';
const VALUE = 'openair';
/** Where tags of one show are told apart from others in the same player. */
const DESCRIPTION = 'openair:';
const UNKNOWN_DURATION = 0xffffffff;
/** A mark is a hint for the page, no place for files. */
const MAX_DATA_BYTES = 8 * 1024;

const zeroEnded = (text: string) => Buffer.from(`${text}\0`, 'utf8');

/** 28 bits in four bytes of seven (ID3v2.4.0 6.2). */
const synchsafe = (value: number) => Buffer.from([21, 14, 7, 0].map((shift) => (value >> shift) & 0x7f));

/** One TXXX frame: description `openair:{kind}`, value the data as JSON. */
function id3Tag(kind: string, json: string): Buffer {
  const body = Buffer.concat([Buffer.from([3]), zeroEnded(`${DESCRIPTION}${kind}`), Buffer.from(json, 'utf8')]);
  const frame = Buffer.concat([Buffer.from('TXXX', 'latin1'), synchsafe(body.length), Buffer.from([0, 0]), body]);
  return Buffer.concat([Buffer.from('ID3', 'latin1'), Buffer.from([4, 0, 0]), synchsafe(frame.length), frame]);
}

/** What happened, once for all renditions; `id` differs for each of one epoch, so that players show it once. */
export type Mark = { id: number; kind: string; json: string };

/** @throws RangeError when the data is larger than 8 kB */
export function makeMark(id: number, kind: string, data: unknown): Mark {
  const json = JSON.stringify(data);
  if (Buffer.byteLength(json) > MAX_DATA_BYTES) throw new RangeError('a mark holds at most 8 kB');
  return { id, kind, json };
}

/**
 * The box, to stand directly in front of a `moof`.
 * @param at media time of the mark in the track's timescale
 */
export function writeEventMessage(mark: Mark, at: number, timescale: number): Buffer {
  const head = [u32(timescale), u64(at), u32(UNKNOWN_DURATION, mark.id)];
  const words = [zeroEnded(ID3_SCHEME), zeroEnded(VALUE), id3Tag(mark.kind, mark.json)];
  return Buffer.from(fullBox('emsg', 1, 0, ...head, ...words));
}
