import type { TagType } from '../rtmp/session.ts';

type Kept = { type: TagType; timestampMs: number; body: Buffer };

/** The tags a media child needs before any picture: kept in the parent, so that a child that replaces a crashed one can go on. */
export class SequenceHeaders {
  private readonly kept = new Map<string, Kept>();

  observe(type: TagType, timestampMs: number, body: Buffer): void {
    const name = headerName(type, body);
    if (name) this.kept.set(name, { type, timestampMs, body: Buffer.from(body) });
  }

  all(): Kept[] {
    return [...this.kept.values()];
  }
}

function headerName(type: TagType, body: Buffer): string | null {
  const first = body[0] ?? 0;
  if (type === 18) return 'metadata';
  if (type === 9) {
    const isEnhanced = (first & 0x80) !== 0;
    const isConfig = isEnhanced
      ? (first & 0x0f) === 0
      : ((first & 0x0f) === 7 || (first & 0x0f) === 12) && body[1] === 0;
    return isConfig ? 'video' : null;
  }
  const isAac = first >> 4 === 10 && body[1] === 0;
  const isEnhancedConfig = first >> 4 === 9 && (first & 0x0f) === 0;
  return isAac || isEnhancedConfig ? 'audio' : null;
}
