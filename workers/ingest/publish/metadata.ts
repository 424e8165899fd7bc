import { type AmfValue, decodeAmf0 } from '../rtmp/amf0.ts';

const MAX_FPS = 240;
const MAX_SIDE = 16_384;

export type Metadata = { encoder: string; fps: number; width: number; height: number };

/** What an encoder says of itself in `onMetaData`; empty and 0 where it is silent. Damaged metadata is no reason to end. */
export function readMetadata(body: Buffer): Metadata {
  try {
    const [name, told] = decodeAmf0(body);
    if (name !== 'onMetaData' || typeof told !== 'object' || told === null || Array.isArray(told)) return nothing();
    const size = { width: positive(told.width, MAX_SIDE), height: positive(told.height, MAX_SIDE) };
    return { encoder: text(told.encoder), fps: positive(told.framerate, MAX_FPS), ...size };
  } catch {
    return nothing();
  }
}

function nothing(): Metadata {
  return { encoder: '', fps: 0, width: 0, height: 0 };
}

function text(value: AmfValue): string {
  return typeof value === 'string' ? value.slice(0, 120) : '';
}

function positive(value: AmfValue, most: number): number {
  return typeof value === 'number' && value > 0 && value <= most ? value : 0;
}
