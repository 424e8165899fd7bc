import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A show's renditions as files: init segment and whole segments of the present window, in order. */
export type Collected = {
  video: { id: string; file: string }[];
  audio: string;
  remove(): void;
};

/**
 * Fetches what a player without parts would, through the media origin.
 * @param index URL of the multivariant playlist
 * @throws when the show has no picture, no sound or no segment
 */
export async function collectShow(index: string): Promise<Collected> {
  const folder = mkdtempSync(join(tmpdir(), 'openair-sync-'));
  const main = await text(index);
  const sound = /#EXT-X-MEDIA:[^\n]*TYPE=AUDIO[^\n]*URI="([^"]+)"/.exec(main)?.[1];
  const pictures = [...main.matchAll(/#EXT-X-STREAM-INF:[^\n]*\n([^#\n]+)/g)].map(([, uri]) => (uri ?? '').trim());
  if (!sound || pictures.length === 0) throw new Error(`${index} names no picture or no sound:\n${main}`);
  const save = async (uri: string) => {
    const url = new URL(uri, index).href;
    const id = url.split('/').at(-2) ?? 'unknown';
    const file = join(folder, `${id}.mp4`);
    writeFileSync(file, Buffer.concat(await pieces(url)));
    return { id, file };
  };
  const video = await Promise.all(pictures.map(save));
  const audio = (await save(sound)).file;
  return { video, audio, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

async function pieces(playlist: string): Promise<Buffer[]> {
  const body = await text(playlist);
  const init = /#EXT-X-MAP:[^\n]*URI="([^"]+)"/.exec(body)?.[1];
  const segments = [...body.matchAll(/#EXTINF:[^\n]*\n(?:#[^\n]*\n)*([^#\n]+)/g)].map(([, uri]) => (uri ?? '').trim());
  if (!init || segments.length === 0) throw new Error(`${playlist} has no segment`);
  const found: Buffer[] = [];
  for (const uri of [init, ...segments]) {
    const answer = await fetch(new URL(uri, playlist));
    if (!answer.ok) throw new Error(`${uri}: ${answer.status}`);
    found.push(Buffer.from(await answer.arrayBuffer()));
  }
  return found;
}

async function text(url: string): Promise<string> {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return answer.text();
}
