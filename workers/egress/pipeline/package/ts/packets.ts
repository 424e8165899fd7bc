/** MPEG-2 transport stream packets. Source: ITU-T H.222.0 (ISO/IEC 13818-1) 2.4.3. */
export const PACKET_BYTES = 188;
const SYNC = 0x47;
const PTS_WRAP = 2 ** 33;

/** CRC of a PSI section (H.222.0 annex A). */
export function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte << 24;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x80000000 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  }
  return crc >>> 0;
}

/** PCR and random access of a packet's adaptation field (2.4.3.4). `pcr` on the 90 kHz clock. */
export type Adaptation = { pcr?: number; randomAccess?: boolean };

function adaptationField({ pcr, randomAccess }: Adaptation, stuffing: number): Buffer {
  const flags = (randomAccess ? 0x40 : 0) | (pcr === undefined ? 0 : 0x10);
  const field = Buffer.alloc(2 + (pcr === undefined ? 0 : 6) + stuffing, 0xff);
  field[0] = field.length - 1;
  field[1] = flags;
  if (pcr === undefined) return field;
  const base = pcr % PTS_WRAP;
  field.writeUInt32BE(Math.floor(base / 2), 2);
  field[6] = (base % 2 === 1 ? 0x80 : 0) | 0x7e;
  field[7] = 0;
  return field;
}

/** Writes one PID's payloads as packets, its continuity counter going on from payload to payload. */
export class PidWriter {
  readonly #pid: number;
  #counter = 0;

  constructor(pid: number) {
    this.#pid = pid;
  }

  /** A PES packet, or a section with its pointer field, over as many packets as it takes; the last one is stuffed. */
  write(payload: Buffer, adaptation: Adaptation = {}): Buffer[] {
    const packets: Buffer[] = [];
    const wantsField = adaptation.pcr !== undefined || adaptation.randomAccess === true;
    for (let at = 0, first = true; at < payload.length; first = false) {
      let field = first && wantsField ? adaptationField(adaptation, 0) : null;
      const left = payload.length - at;
      const room = PACKET_BYTES - 4 - (field?.length ?? 0);
      if (left < room) field = this.#stuffed(first && wantsField ? adaptation : null, room - left, field?.length ?? 0);
      const take = Math.min(left, PACKET_BYTES - 4 - (field?.length ?? 0));
      const packet = Buffer.allocUnsafe(PACKET_BYTES);
      packet[0] = SYNC;
      packet.writeUInt16BE((first ? 0x4000 : 0) | this.#pid, 1);
      packet[3] = (field ? 0x30 : 0x10) | this.#counter;
      this.#counter = (this.#counter + 1) & 0x0f;
      field?.copy(packet, 4);
      payload.copy(packet, 4 + (field?.length ?? 0), at, at + take);
      packets.push(packet);
      at += take;
    }
    return packets;
  }

  /** An adaptation field longer by `missing` bytes; one byte alone is a field of length 0. */
  #stuffed(adaptation: Adaptation | null, missing: number, had: number): Buffer {
    if (had > 0) return adaptationField(adaptation ?? {}, missing);
    return missing === 1 ? Buffer.from([0]) : adaptationField({}, missing - 2);
  }
}

/** A PSI section in a packet's payload: pointer field, section, CRC (2.4.4). */
export function section(tableId: number, id: number, body: Uint8Array): Buffer {
  const length = 5 + body.length + 4;
  const head = Buffer.from([tableId, 0xb0 | (length >> 8), length & 0xff, id >> 8, id & 0xff, 0xc1, 0, 0]);
  const covered = Buffer.concat([head, body]);
  const crc = Buffer.alloc(4);
  crc.writeUInt32BE(crc32(covered));
  return Buffer.concat([Buffer.from([0]), covered, crc]);
}

function timestamp(marker: number, value: number): Buffer {
  const pts = value % PTS_WRAP;
  const high = Math.floor(pts / 2 ** 30) & 0x07;
  const middle = Math.floor(pts / 2 ** 15) & 0x7fff;
  const low = pts % 2 ** 15;
  return Buffer.from([
    (marker << 4) | (high << 1) | 1,
    middle >> 7,
    ((middle & 0x7f) << 1) | 1,
    low >> 7,
    ((low & 0x7f) << 1) | 1,
  ]);
}

/**
 * A PES packet with a PTS (2.4.3.6). The length of a picture's is left open, as it may be, since it can be above 64 kB.
 * @param pts 90 kHz
 */
export function pes(streamId: number, pts: number, data: Uint8Array, openLength: boolean): Buffer {
  const length = openLength ? 0 : 8 + data.length;
  const head = Buffer.from([0, 0, 1, streamId, length >> 8, length & 0xff, 0x84, 0x80, 5]);
  return Buffer.concat([head, timestamp(2, pts), data]);
}
