import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Readable, Writable } from 'node:stream';

/** Encoded once, kept for later runs: `.openair/bench/` of the checkout. */
const FOLDER = resolve('.openair/bench');
export const FPS = 30;

export type LayerFile = { file: string; width: number; height: number; bitrate: number };

/** Draws the nth picture of a file, I420, and gives the sound that belongs to it. */
export type Drawing = {
  /** Part of the file names: change it when the drawing changes. */
  name: string;
  seconds: number;
  width: number;
  height: number;
  picture(index: number): Buffer;
  /** s16, mono, 48 kHz; sample `from` onwards. */
  sound(from: number, length: number): Int16Array;
};

const SAMPLES_PER_PICTURE = 48_000 / FPS;

/** Layers as a browser publishes them: full, half and quarter size. */
const LAYERS = [
  { share: 4, kbps: 160 },
  { share: 2, kbps: 500 },
  { share: 1, kbps: 2_000 },
];

/**
 * Simulcast layers in Annex B with delimiters, key frame every second, no B-frames, smallest first; and the sound as Opus in Ogg, 20 ms
 * a page. Runs ffmpeg once, then answers from the folder.
 * @throws Error with ffmpeg's words
 */
export async function encodedFiles(drawing: Drawing): Promise<{ layers: LayerFile[]; audio: string }> {
  mkdirSync(FOLDER, { recursive: true });
  const base = join(FOLDER, `${drawing.name}-${drawing.width}x${drawing.height}-${drawing.seconds}s`);
  const layers = LAYERS.map(({ share, kbps }) => {
    const [width, height] = [drawing.width / share, drawing.height / share];
    return { file: `${base}-${height}p.h264`, width, height, bitrate: kbps * 1000 };
  });
  const audio = `${base}.ogg`;
  const files = [...layers.map(({ file }) => file), audio];
  if (!files.every((file) => existsSync(file))) {
    const sized = layers.map(({ file, width, height, bitrate }) => videoArgs(`${file}.new`, width, height, bitrate));
    await encode(drawing, [...sized.flat(), ...soundArgs(`${audio}.new`)]);
    for (const file of files) renameSync(`${file}.new`, file);
  }
  return { layers, audio };
}

/** One FLV with H.264 and AAC as streamers send it over RTMP; key frame every two seconds. */
export async function flvFile(drawing: Drawing): Promise<string> {
  mkdirSync(FOLDER, { recursive: true });
  const file = join(FOLDER, `${drawing.name}-${drawing.width}x${drawing.height}-${drawing.seconds}s.flv`);
  if (existsSync(file)) return file;
  const video = ['-map', '0:v', '-c:v', 'libx264', '-preset', 'veryfast', '-tune', 'zerolatency', '-b:v', '2500k'];
  const rest = ['-g', '60', '-keyint_min', '60', '-sc_threshold', '0', '-bf', '0', '-pix_fmt', 'yuv420p'];
  await encode(drawing, [
    ...video,
    ...rest,
    '-map',
    '1:a',
    '-c:a',
    'aac',
    '-b:a',
    '128k',
    '-ac',
    '2',
    '-f',
    'flv',
    `${file}.new`,
  ]);
  renameSync(`${file}.new`, file);
  return file;
}

function videoArgs(file: string, width: number, height: number, bitrate: number): string[] {
  const rate = String(bitrate);
  const x264 = 'aud=1:repeat-headers=1:scenecut=0:sliced-threads=0';
  return [
    ...['-map', '0:v', '-s', `${width}x${height}`, '-c:v', 'libx264', '-preset', 'veryfast', '-profile:v', 'baseline'],
    ...['-b:v', rate, '-maxrate', rate, '-bufsize', rate, '-g', String(FPS), '-keyint_min', String(FPS), '-bf', '0'],
    ...['-x264-params', x264, '-f', 'h264', file],
  ];
}

function soundArgs(file: string): string[] {
  const opus = ['-c:a', 'libopus', '-b:a', '64k', '-vbr', 'off', '-frame_duration', '20', '-application', 'audio'];
  return ['-map', '1:a', ...opus, '-ac', '2', '-page_duration', '20000', '-f', 'ogg', file];
}

async function encode(drawing: Drawing, outputs: string[]): Promise<void> {
  const { width, height, seconds } = drawing;
  const raw = ['-f', 'rawvideo', '-pix_fmt', 'yuv420p', '-s', `${width}x${height}`, '-r', String(FPS), '-i', 'pipe:0'];
  const sound = ['-f', 's16le', '-ar', '48000', '-ac', '1', '-i', 'pipe:3'];
  const child = spawn(
    'ffmpeg',
    ['-hide_banner', '-loglevel', 'error', '-nostdin', '-y', ...raw, ...sound, ...outputs],
    {
      stdio: ['pipe', 'ignore', 'pipe', 'pipe'],
    },
  );
  let told = '';
  (child.stderr as Readable).on('data', (text) => {
    told += text;
  });
  const exited = once(child, 'exit');
  const pictures = child.stdin as Writable;
  const samples = child.stdio[3] as Writable;
  for (const pipe of [pictures, samples]) pipe.on('error', () => {});
  // Both pipes in step: ffmpeg reads them by turns and would wait for ever for the one that is not written.
  const put = async (pipe: Writable, data: Uint8Array) => {
    if (!pipe.write(data)) await Promise.race([once(pipe, 'drain'), exited]);
  };
  const feedSound = async () => {
    for (let at = 0; at < seconds * FPS; at++) {
      const block = drawing.sound(at * SAMPLES_PER_PICTURE, SAMPLES_PER_PICTURE);
      await put(samples, Buffer.from(block.buffer, block.byteOffset, block.byteLength));
    }
    samples.end();
  };
  const feedPictures = async () => {
    for (let at = 0; at < seconds * FPS; at++) await put(pictures, drawing.picture(at));
    pictures.end();
  };
  await Promise.all([feedSound(), feedPictures()]);
  const [code] = await exited;
  if (code !== 0) throw new Error(`ffmpeg could not encode the bench's files: ${told.trim()}`);
}
