/** So that a packet with its RTP header, extensions and SRTP tag crosses every network on the way to a subscriber whole, bytes. */
const MAX_PAYLOAD_BYTES = 1_170;
const FU_A = 28;
const FU_START = 0x80;
const FU_END = 0x40;
const REF_IDC = 0x60;
const TYPE = 0x1f;

/** NAL units of a picture in Annex B (ITU-T H.264, B.1), without their start codes. */
export function annexBNals(picture: Buffer): Buffer[] {
  const nals: Buffer[] = [];
  let begin = -1;
  for (let at = picture.indexOf(START_CODE); at !== -1; at = picture.indexOf(START_CODE, at + 3)) {
    if (begin !== -1) nals.push(withoutTrailingZero(picture.subarray(begin, at)));
    begin = at + START_CODE.length;
  }
  if (begin !== -1) nals.push(picture.subarray(begin));
  return nals.filter((nal) => nal.length > 0);
}

const START_CODE = Buffer.from([0, 0, 1]);

/** The first byte of a four-byte start code belongs to no unit. */
function withoutTrailingZero(nal: Buffer): Buffer {
  return nal.at(-1) === 0 ? nal.subarray(0, -1) : nal;
}

/** RTP payloads of one picture, each in pieces: single NAL units and fragments (RFC 6184, 5.6 and 5.8; packetization mode 1). */
export function h264Payloads(picture: Buffer): Buffer[][] {
  return annexBNals(picture).flatMap((nal) => (nal.length <= MAX_PAYLOAD_BYTES ? [[nal]] : fragments(nal)));
}

function fragments(nal: Buffer): Buffer[][] {
  const header = nal[0] ?? 0;
  const room = MAX_PAYLOAD_BYTES - 2;
  const made: Buffer[][] = [];
  for (let at = 1; at < nal.length; at += room) {
    const edge = (at === 1 ? FU_START : 0) | (at + room >= nal.length ? FU_END : 0);
    made.push([Buffer.from([(header & REF_IDC) | FU_A, edge | (header & TYPE)]), nal.subarray(at, at + room)]);
  }
  return made;
}
