import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { baseEnv } from '../parts/base-env.ts';

const run = promisify(execFile);
const PICTURES_PER_S = 5;

export type Rendition = { kind: 'video' | 'audio'; url: string };

export function childEnv(): NodeJS.ProcessEnv {
  return baseEnv() as NodeJS.ProcessEnv;
}

/** Renditions of a multivariant playlist (RFC 8216bis 4.4.6), addresses made absolute. */
export async function listRenditions(url: string): Promise<Rendition[]> {
  const lines = (await fetchText(url)).split('\n');
  const renditions: Rendition[] = [];
  for (const [at, line] of lines.entries()) {
    const uri = /URI="([^"]+)"/.exec(line)?.[1];
    if (line.startsWith('#EXT-X-MEDIA:') && line.includes('TYPE=AUDIO') && uri)
      renditions.push({ kind: 'audio', url: new URL(uri, url).href });
    const next = lines[at + 1];
    if (line.startsWith('#EXT-X-STREAM-INF:') && next)
      renditions.push({ kind: 'video', url: new URL(next.trim(), url).href });
  }
  return renditions;
}

/** The sound's own rendition; without one it is in the picture's. */
export function findSound(renditions: Rendition[]): Rendition | undefined {
  return renditions.find((one) => one.kind === 'audio') ?? renditions[0];
}

/** What a player would have fetched: the init segment, every whole segment, then the parts of the one that is still being made. */
export async function fetchMedia(playlistUrl: string): Promise<Buffer> {
  const lines = (await fetchText(playlistUrl)).split('\n').map((line) => line.trim());
  const init = lines.map((line) => /^#EXT-X-MAP:.*URI="([^"]+)"/.exec(line)?.[1]).findLast(Boolean);
  if (!init) throw new Error('the media playlist names no init segment');
  const segments = lines.filter((line) => line !== '' && !line.startsWith('#'));
  const afterLast = lines.slice(lines.lastIndexOf(segments.at(-1) ?? '') + 1);
  const parts = afterLast.flatMap((line) => /^#EXT-X-PART:.*URI="([^"]+)"/.exec(line)?.[1] ?? []);
  if (segments.length + parts.length === 0) throw new Error('the media playlist is empty');
  const pieces: Buffer[] = [];
  for (const uri of [init, ...segments.slice(-8), ...parts])
    pieces.push(await fetchBytes(new URL(uri, playlistUrl).href));
  return Buffer.concat(pieces);
}

export type Measured = { pictures: number; seconds: number; loudnessDb: number };

/** Decodes both: how many different pictures (five a second are looked at), over how long, and how loud. */
export async function measureMedia(videoFile: string, audioFile: string): Promise<Measured> {
  const small = ['-map', '0:v:0', '-vf', `fps=${PICTURES_PER_S},scale=64:36`, '-f', 'framemd5', '-'];
  const seen = await run('ffmpeg', ['-nostdin', '-v', 'error', '-i', videoFile, ...small], {
    env: childEnv(),
    maxBuffer: 8_000_000,
  });
  const hashes = seen.stdout
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(',').at(-1)?.trim());
  const heard = await run(
    'ffmpeg',
    ['-nostdin', '-hide_banner', '-i', audioFile, '-map', '0:a:0', '-af', 'volumedetect', '-f', 'null', '-'],
    {
      env: childEnv(),
      maxBuffer: 8_000_000,
    },
  );
  const loudness = /mean_volume: (-?[\d.]+) dB/.exec(heard.stderr)?.[1];
  return {
    pictures: new Set(hashes).size,
    seconds: hashes.length / PICTURES_PER_S,
    loudnessDb: Number(loudness ?? Number.NEGATIVE_INFINITY),
  };
}

async function fetchText(url: string): Promise<string> {
  return (await fetchBytes(url)).toString('utf8');
}

async function fetchBytes(url: string): Promise<Buffer> {
  const response = await fetch(url, { signal: AbortSignal.timeout(10_000) });
  if (!response.ok)
    throw new Error(`${new URL(url).pathname.split('/').slice(-2).join('/')} answers ${response.status}`);
  return Buffer.from(await response.arrayBuffer());
}
