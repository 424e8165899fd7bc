/** Segments of a page are at most this many, each at most 255 bytes. */
const MOST_LACES = 255;
const LACE = 255;
const PAGE_HEAD = 27;

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte << 24;
  for (let bit = 0; bit < 8; bit++) value = value & 0x80000000 ? (value << 1) ^ 0x04c11db7 : value << 1;
  return value >>> 0;
});

function crc(bytes: Uint8Array): number {
  let value = 0;
  for (const byte of bytes) value = (((value << 8) >>> 0) ^ (CRC_TABLE[((value >>> 24) ^ byte) & 0xff] ?? 0)) >>> 0;
  return value;
}

export type OggPage = { serial: number; sequence: number; granule: bigint; first?: boolean; last?: boolean };

/**
 * One page of an Ogg stream with whole packets.
 * @throws RangeError when the packets do not fit into a page
 * Source: RFC 3533, 6
 */
export function writeOggPage(page: OggPage, packets: readonly Uint8Array[]): Buffer {
  const laces = packets.flatMap(({ length }) => [
    ...Array<number>(Math.floor(length / LACE)).fill(LACE),
    length % LACE,
  ]);
  if (laces.length > MOST_LACES) throw new RangeError('the packets do not fit into one page');
  const head = Buffer.alloc(PAGE_HEAD + laces.length);
  head.write('OggS', 0, 'latin1');
  head.writeUInt8((page.first ? 2 : 0) | (page.last ? 4 : 0), 5);
  head.writeBigInt64LE(page.granule, 6);
  head.writeUInt32LE(page.serial >>> 0, 14);
  head.writeUInt32LE(page.sequence, 18);
  head.writeUInt8(laces.length, 26);
  head.set(laces, PAGE_HEAD);
  const bytes = Buffer.concat([head, ...packets]);
  bytes.writeUInt32LE(crc(bytes), 22);
  return bytes;
}

const RATE = 48_000;
const CHANNELS = 2;
/** 50 packets of 20 ms. */
const PAGE_PACKETS = 50;

/**
 * Opus packets of 20 ms as an Ogg stream that may break off anywhere: each second is a page. Streams of restarted processes may stand
 * one behind the other in a file (chaining).
 * Source: RFC 7845, 3 to 5
 */
export class OggOpusWriter {
  readonly #serial: number;
  readonly #preSkip: number;
  readonly #write: (bytes: Buffer) => void;
  #sequence = 0;
  #samples: number;
  #waiting: Uint8Array[] = [];

  /** @param preSkip samples that a decoder drops at the beginning: the encoder's delay */
  constructor(serial: number, preSkip: number, write: (bytes: Buffer) => void) {
    this.#serial = serial;
    this.#preSkip = preSkip;
    this.#write = write;
    this.#samples = 0;
    const head = Buffer.alloc(19);
    head.write('OpusHead', 0, 'latin1');
    head.writeUInt8(1, 8);
    head.writeUInt8(CHANNELS, 9);
    head.writeUInt16LE(preSkip, 10);
    head.writeUInt32LE(RATE, 12);
    this.#page([head], 0n, { first: true });
    const vendor = Buffer.from('Openair');
    const tags = Buffer.alloc(8 + 4 + vendor.length + 4);
    tags.write('OpusTags', 0, 'latin1');
    tags.writeUInt32LE(vendor.length, 8);
    vendor.copy(tags, 12);
    this.#page([tags], 0n);
  }

  /** @param samples how many the packet decodes to */
  add(packet: Uint8Array, samples: number): void {
    this.#waiting.push(packet);
    this.#samples += samples;
    const laces = this.#waiting.reduce((sum, { length }) => sum + Math.floor(length / LACE) + 1, 0);
    if (this.#waiting.length >= PAGE_PACKETS || laces > MOST_LACES - 6) this.#flush(false);
  }

  end(): void {
    this.#flush(true);
  }

  get durationS(): number {
    return Math.max(0, this.#samples - this.#preSkip) / RATE;
  }

  #flush(last: boolean): void {
    this.#page(this.#waiting, BigInt(this.#samples), { last });
    this.#waiting = [];
  }

  #page(packets: readonly Uint8Array[], granule: bigint, how: { first?: boolean; last?: boolean } = {}): void {
    this.#write(writeOggPage({ serial: this.#serial, sequence: this.#sequence++, granule, ...how }, packets));
  }
}
