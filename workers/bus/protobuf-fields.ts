import { BinaryReader, BinaryWriter, type IBinaryReader, type IBinaryWriter, WireType } from '@bufbuild/protobuf';

/** One field of a message by its number; strings, bytes and nested messages are length-delimited. */
export type FieldReader = {
  field: number;
  wireType: WireType;
  reader: IBinaryReader;
};

/**
 * Walks the fields of a protobuf message. A field the visitor does not take (returns false) is skipped, as protobuf demands.
 * @throws when the bytes are no protobuf message
 */
export function visitFields(bytes: Uint8Array, visit: (field: FieldReader) => boolean): void {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (!visit({ field, wireType, reader })) reader.skip(wireType, field);
  }
}

/** Reads a length-delimited field as text; wrong wire types throw, so that a bad message is refused as a whole. */
export function readText({ wireType, reader }: FieldReader): string {
  if (wireType !== WireType.LengthDelimited) throw new Error('expected a length-delimited field');
  return reader.string();
}

export function readBytes({ wireType, reader }: FieldReader): Uint8Array {
  if (wireType !== WireType.LengthDelimited) throw new Error('expected a length-delimited field');
  return reader.bytes();
}

export function readInt64({ wireType, reader }: FieldReader): bigint {
  if (wireType !== WireType.Varint) throw new Error('expected a varint field');
  return BigInt(reader.int64());
}

export function readFloat({ wireType, reader }: FieldReader): number {
  if (wireType !== WireType.Bit32) throw new Error('expected a 32 bit field');
  return reader.float();
}

export function readBool({ wireType, reader }: FieldReader): boolean {
  if (wireType !== WireType.Varint) throw new Error('expected a varint field');
  return reader.bool();
}

/** Writes a message field by field; empty values are left out, as proto3 does. */
export class MessageWriter {
  private readonly writer: IBinaryWriter = new BinaryWriter();

  text(field: number, value: string): this {
    if (value !== '') this.writer.tag(field, WireType.LengthDelimited).string(value);
    return this;
  }

  bytes(field: number, value: Uint8Array): this {
    if (value.length > 0) this.writer.tag(field, WireType.LengthDelimited).bytes(value);
    return this;
  }

  /** A nested message, written even when empty: its presence is what counts. */
  message(field: number, value: Uint8Array): this {
    this.writer.tag(field, WireType.LengthDelimited).bytes(value);
    return this;
  }

  int64(field: number, value: bigint): this {
    if (value !== 0n) this.writer.tag(field, WireType.Varint).int64(value);
    return this;
  }

  float(field: number, value: number): this {
    if (value !== 0) this.writer.tag(field, WireType.Bit32).float(value);
    return this;
  }

  finish(): Uint8Array {
    return this.writer.finish();
  }
}
