/** AMF 0, the part that RTMP commands need. Source: Adobe, "Action Message Format AMF 0", 2007. */
export type AmfValue = number | boolean | string | null | { [name: string]: AmfValue } | AmfValue[];

const MAX_DEPTH = 8;
const MAX_FIELDS = 256;

export function encodeAmf(...values: AmfValue[]): Buffer {
  return Buffer.concat(values.map(encodeValue));
}

/** `onMetaData` wants its properties as an ECMA array, as other encoders send them. */
export function encodeEcmaArray(fields: Record<string, AmfValue>): Buffer {
  const count = Buffer.alloc(5);
  count[0] = 0x08;
  count.writeUInt32BE(Object.keys(fields).length, 1);
  return Buffer.concat([count, encodeFields(fields)]);
}

function encodeValue(value: AmfValue): Buffer {
  if (value === null) return Buffer.from([0x05]);
  if (typeof value === 'boolean') return Buffer.from([0x01, value ? 1 : 0]);
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(9);
    bytes.writeDoubleBE(value, 1);
    return bytes;
  }
  if (typeof value === 'string') {
    const text = Buffer.from(value, 'utf8');
    if (text.length <= 0xffff) return Buffer.concat([Buffer.from([0x02]), sized(text)]);
    const head = Buffer.alloc(5);
    head[0] = 0x0c;
    head.writeUInt32BE(text.length, 1);
    return Buffer.concat([head, text]);
  }
  if (Array.isArray(value)) {
    const head = Buffer.alloc(5);
    head[0] = 0x0a;
    head.writeUInt32BE(value.length, 1);
    return Buffer.concat([head, ...value.map(encodeValue)]);
  }
  return Buffer.concat([Buffer.from([0x03]), encodeFields(value)]);
}

function encodeFields(fields: Record<string, AmfValue>): Buffer {
  const pairs = Object.entries(fields).flatMap(([name, value]) => [
    sized(Buffer.from(name, 'utf8')),
    encodeValue(value),
  ]);
  return Buffer.concat([...pairs, Buffer.from([0, 0, 0x09])]);
}

function sized(text: Buffer): Buffer {
  const head = Buffer.alloc(2);
  head.writeUInt16BE(text.length);
  return Buffer.concat([head, text]);
}

/**
 * All values of a message.
 * @throws RangeError when the bytes are cut, too deep or of a kind that commands do not use
 */
export function decodeAmf(bytes: Buffer): AmfValue[] {
  const values: AmfValue[] = [];
  let at = 0;
  while (at < bytes.length && values.length < MAX_FIELDS) {
    const [value, next] = decodeValue(bytes, at, 0);
    values.push(value);
    at = next;
  }
  return values;
}

function decodeValue(bytes: Buffer, at: number, depth: number): [AmfValue, number] {
  if (depth > MAX_DEPTH) throw new RangeError('AMF nested too deeply');
  switch (bytes.readUInt8(at)) {
    case 0x00:
      return [bytes.readDoubleBE(at + 1), at + 9];
    case 0x01:
      return [bytes.readUInt8(at + 1) !== 0, at + 2];
    case 0x02:
      return decodeText(bytes, at + 1);
    case 0x03:
      return decodeFields(bytes, at + 1, depth);
    case 0x05:
    case 0x06:
      return [null, at + 1];
    case 0x08:
      return decodeFields(bytes, at + 5, depth);
    case 0x0a:
      return decodeList(bytes, at + 1, depth);
    case 0x0b:
      return [bytes.readDoubleBE(at + 1), at + 11];
    case 0x0c:
      return decodeLongText(bytes, at + 1);
    default:
      throw new RangeError('AMF of an unknown kind');
  }
}

function decodeText(bytes: Buffer, at: number): [string, number] {
  const end = at + 2 + bytes.readUInt16BE(at);
  if (end > bytes.length) throw new RangeError('AMF text is cut');
  return [bytes.toString('utf8', at + 2, end), end];
}

function decodeLongText(bytes: Buffer, at: number): [string, number] {
  const end = at + 4 + bytes.readUInt32BE(at);
  if (end > bytes.length) throw new RangeError('AMF text is cut');
  return [bytes.toString('utf8', at + 4, end), end];
}

function decodeList(bytes: Buffer, from: number, depth: number): [AmfValue[], number] {
  const count = bytes.readUInt32BE(from);
  if (count > MAX_FIELDS) throw new RangeError('AMF list is too long');
  const values: AmfValue[] = [];
  let at = from + 4;
  while (values.length < count) {
    const [value, next] = decodeValue(bytes, at, depth + 1);
    values.push(value);
    at = next;
  }
  return [values, at];
}

function decodeFields(bytes: Buffer, from: number, depth: number): [{ [name: string]: AmfValue }, number] {
  const fields: [string, AmfValue][] = [];
  let at = from;
  while (fields.length < MAX_FIELDS) {
    const [name, next] = decodeText(bytes, at);
    if (name === '' && bytes.readUInt8(next) === 0x09) return [Object.fromEntries(fields), next + 1];
    const [value, after] = decodeValue(bytes, next, depth + 1);
    fields.push([name, value]);
    at = after;
  }
  throw new RangeError('AMF object has too many fields');
}
