import { type AmfValue, decodeAmf0 } from '../rtmp/amf0.ts';

/** What an encoder says of itself in `onMetaData`; empty and 0 where it is silent. Damaged metadata is no reason to end. */
export function readMetadata(body: Buffer): { encoder: string; fps: number } {
  try {
    const [name, told] = decodeAmf0(body);
    if (name !== 'onMetaData' || typeof told !== 'object' || told === null || Array.isArray(told)) return nothing();
    return { encoder: text(told.encoder), fps: positive(told.framerate) };
  } catch {
    return nothing();
  }
}

function nothing(): { encoder: string; fps: number } {
  return { encoder: '', fps: 0 };
}

function text(value: AmfValue): string {
  return typeof value === 'string' ? value.slice(0, 120) : '';
}

function positive(value: AmfValue): number {
  return typeof value === 'number' && value > 0 && value <= 240 ? value : 0;
}
