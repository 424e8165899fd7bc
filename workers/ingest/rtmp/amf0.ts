import { RTMP_LIMITS, RtmpError } from './limits.ts';

export type AmfValue = number | boolean | string | null | undefined | AmfObject | AmfValue[];
export type AmfObject = { [name: string]: AmfValue };

const NUMBER = 0;
const BOOLEAN = 1;
const STRING = 2;
const OBJECT = 3;
const NULL = 5;
const UNDEFINED = 6;
const ECMA_ARRAY = 8;
const OBJECT_END = 9;
const STRICT_ARRAY = 10;
const DATE = 11;
const LONG_STRING = 12;

/**
 * Decodes a row of AMF0 values (Adobe AMF0, 2). Depth and count are limited, so a small message cannot become a big object.
 * @throws RtmpError on anything cut short, unknown, too deep or too many
 */
export function decodeAmf0(bytes: Buffer): AmfValue[] {
  const reader = new Reader(bytes);
  const values: AmfValue[] = [];
  while (reader.at < bytes.length) values.push(reader.value(0));
  return values;
}

class Reader {
  at = 0;
  private values = 0;
  constructor(private readonly bytes: Buffer) {}

  value(depth: number): AmfValue {
    if (depth > RTMP_LIMITS.amfDepth) throw new RtmpError('AMF nested too deep');
    this.values += 1;
    if (this.values > RTMP_LIMITS.amfValues) throw new RtmpError('too many AMF values');
    const marker = this.take(1).readUInt8(0);
    switch (marker) {
      case NUMBER:
        return this.take(8).readDoubleBE(0);
      case BOOLEAN:
        return this.take(1).readUInt8(0) !== 0;
      case STRING:
        return this.text(2);
      case LONG_STRING:
        return this.text(4);
      case OBJECT:
        return this.object(depth);
      case ECMA_ARRAY:
        this.take(4); // The count is a hint; the end marker decides.
        return this.object(depth);
      case STRICT_ARRAY:
        return this.list(depth);
      case DATE:
        return this.take(10).readDoubleBE(0);
      case NULL:
        return null;
      case UNDEFINED:
        return undefined;
      default:
        throw new RtmpError(`AMF type ${marker}`);
    }
  }

  private object(depth: number): AmfObject {
    const result: AmfObject = Object.create(null) as AmfObject;
    while (this.at < this.bytes.length) {
      const name = this.text(2);
      if (name === '' && this.bytes[this.at] === OBJECT_END) {
        this.at += 1;
        return result;
      }
      result[name] = this.value(depth + 1);
    }
    // Some encoders leave out the end of the last object of a message.
    return result;
  }

  private list(depth: number): AmfValue[] {
    const count = this.take(4).readUInt32BE(0);
    if (count > RTMP_LIMITS.amfValues) throw new RtmpError('too many AMF values');
    return Array.from({ length: count }, () => this.value(depth + 1));
  }

  private text(lengthBytes: 2 | 4): string {
    const length = this.take(lengthBytes).readUIntBE(0, lengthBytes);
    return this.take(length).toString('utf8');
  }

  private take(count: number): Buffer {
    if (this.at + count > this.bytes.length) throw new RtmpError('AMF cut short');
    this.at += count;
    return this.bytes.subarray(this.at - count, this.at);
  }
}

/** Encodes values one after the other; strings up to 65,535 bytes. */
export function encodeAmf0(values: AmfValue[]): Buffer {
  return Buffer.concat(values.map(encodeValue));
}

function encodeValue(value: AmfValue): Buffer {
  if (value === null) return Buffer.from([NULL]);
  if (value === undefined) return Buffer.from([UNDEFINED]);
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(9);
    bytes.writeDoubleBE(value, 1);
    return bytes;
  }
  if (typeof value === 'boolean') return Buffer.from([BOOLEAN, value ? 1 : 0]);
  if (typeof value === 'string') return Buffer.concat([Buffer.from([STRING]), encodeName(value)]);
  if (Array.isArray(value)) {
    const count = Buffer.alloc(5);
    count[0] = STRICT_ARRAY;
    count.writeUInt32BE(value.length, 1);
    return Buffer.concat([count, ...value.map(encodeValue)]);
  }
  const fields = Object.entries(value).flatMap(([name, field]) => [encodeName(name), encodeValue(field)]);
  return Buffer.concat([Buffer.from([OBJECT]), ...fields, Buffer.from([0, 0, OBJECT_END])]);
}

function encodeName(name: string): Buffer {
  const text = Buffer.from(name, 'utf8').subarray(0, 0xff_ff);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(text.length);
  return Buffer.concat([length, text]);
}
