import { parseAudioTags, parseVideoTags } from '../publish/flv.ts';
import type { TagType } from '../rtmp/session.ts';

export type Kept = { type: TagType; timestampMs: number; body: Buffer };

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

/** One a track: a multitrack message that configures several is kept under all of them. */
function headerName(type: TagType, body: Buffer): string | null {
  if (type === 18) return 'metadata';
  const tags = type === 9 ? parseVideoTags(body) : parseAudioTags(body);
  const configured = tags.filter((tag) => tag.kind === 'config').map((tag) => tag.track);
  return configured.length > 0 ? `${type}/${configured.join()}` : null;
}
