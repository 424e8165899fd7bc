import { TRACK_ID } from './track-head.ts';
import { box, fullBox, join, u16, u32, zeros } from './write-boxes.ts';

/**
 * Sample entry of a picture: `avc1`, `hvc1`, `av01`, `vp09`.
 * @param inside the codec's configuration box and what else belongs in it
 * Source: ISO/IEC 14496-12, 12.1.3
 */
export function visualEntry(
  type: string,
  size: { width: number; height: number },
  ...inside: Uint8Array[]
): Uint8Array {
  return box(
    type,
    zeros(6),
    u16(1),
    zeros(16),
    u16(size.width, size.height),
    u32(0x480000, 0x480000, 0), // 72 dpi
    u16(1),
    zeros(32),
    u16(0x18, 0xffff),
    ...inside,
  );
}

/**
 * Sample entry of a sound: `mp4a`, `Opus`.
 * Source: ISO/IEC 14496-12, 12.2.3
 */
export function soundEntry(
  type: string,
  { channels, sampleRate }: { channels: number; sampleRate: number },
  ...inside: Uint8Array[]
): Uint8Array {
  // 16 bits of whole samples a second: rates beyond stand in the codec's own configuration.
  const rate = sampleRate < 0x10000 ? sampleRate : 0;
  return box(type, zeros(6), u16(1), zeros(8), u16(channels, 16, 0, 0), u32(rate * 0x10000), ...inside);
}

/** Object types of the `esds`: ISO/IEC 14496-1, 7.2.6.6.2. */
export const OBJECT_TYPE = { aac: 0x40, mp3: 0x6b } as const;

/**
 * ES descriptor of a sound; all lengths in it are below 128, so one byte each.
 * @param config AudioSpecificConfig; empty for MP3, which has none
 * @param bitrate bits a second; 0 for unknown
 * Source: ISO/IEC 14496-1, 7.2.6.5
 */
export function esds(objectType: number, config: Uint8Array, bitrate: number): Uint8Array {
  const descriptor = (tag: number, ...payload: Uint8Array[]) => {
    const bytes = join(payload);
    return join([Uint8Array.of(tag, bytes.length), bytes]);
  };
  const specific = config.length > 0 ? [descriptor(0x05, config)] : [];
  const decoder = descriptor(0x04, Uint8Array.of(objectType, 0x15, 0, 0, 0), u32(bitrate, bitrate), ...specific);
  const sync = descriptor(0x06, Uint8Array.of(2));
  return fullBox('esds', 0, 0, descriptor(0x03, u16(TRACK_ID), Uint8Array.of(0), decoder, sync));
}
