import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { ClockPicture } from './clock-picture.ts';

const SAMPLE_RATE = 48_000;
const TONE_HZ = 440;

export type EncoderOptions = {
  /** `rtmp://host:port/live/KEY`. */
  url: string;
  width?: number;
  height?: number;
  fps?: number;
  /** Frames from key frame to key frame. */
  gop?: number;
  bFrames?: number;
  /** `mpegts` for SRT. */
  format?: 'flv' | 'mpegts';
  /** Called as each picture goes into the encoder, with the time that it shows. */
  onFrame?(index: number, nowMs: number): void;
};

export type Encoder = {
  /** Ends the encoder as pressing "Stop" would. */
  stop(): Promise<void>;
  /** The last lines that the encoder printed. */
  log(): string;
  exited: Promise<number | null>;
};

/** An encoder as streamers have one: ffmpeg with x264 and AAC over RTMP, fed with the clock picture in real time. */
export function startEncoder({
  url,
  width = 1280,
  height = 720,
  fps = 30,
  gop = 60,
  bFrames = 0,
  format = 'flv',
  onFrame = () => undefined,
}: EncoderOptions): Encoder {
  const picture = new ClockPicture(width, height);
  const child = spawn(
    'ffmpeg',
    [
      ...['-hide_banner', '-loglevel', 'warning', '-nostdin'],
      ...['-f', 'rawvideo', '-pix_fmt', 'yuv420p', '-s', `${width}x${height}`, '-r', String(fps), '-i', 'pipe:0'],
      ...['-f', 's16le', '-ar', String(SAMPLE_RATE), '-ac', '1', '-i', 'pipe:3'],
      ...[
        '-c:v',
        'libx264',
        '-preset',
        'veryfast',
        '-profile:v',
        'main',
        '-b:v',
        '2500k',
        '-maxrate',
        '2500k',
        '-bufsize',
        '2500k',
      ],
      ...['-g', String(gop), '-keyint_min', String(gop), '-sc_threshold', '0', '-bf', String(bFrames)],
      ...(bFrames === 0 ? ['-tune', 'zerolatency'] : []),
      ...['-c:a', 'aac', '-b:a', '128k', '-ac', '2', '-f', format],
      ...(format === 'flv' ? ['-flvflags', 'no_duration_filesize'] : ['-muxdelay', '0', '-muxpreload', '0']),
      url,
    ],
    { stdio: ['pipe', 'ignore', 'pipe', 'pipe'] },
  );
  let log = '';
  child.stderr?.on('data', (text: Buffer) => {
    log = `${log}${text}`.slice(-4_000);
  });
  child.stdin?.on('error', () => {});
  const soundPipe = child.stdio[3] as Writable;
  soundPipe.on('error', () => {});
  const startedAt = performance.now();
  let index = 0;
  let samples = 0;
  const timer = setInterval(
    () => {
      const due = Math.floor(((performance.now() - startedAt) * fps) / 1000);
      // After a late timer every frame that is due is sent, or the picture would fall behind the sound; each carries the time it is sent at.
      for (; index <= due && child.stdin?.writable; index++) {
        const nowMs = Date.now();
        child.stdin.write(picture.frame(index, nowMs));
        onFrame(index, nowMs);
      }
      // Sound by the same clock: an encoder that paced it by itself would hold the picture back by the difference.
      const length = Math.round((index * SAMPLE_RATE) / fps) - samples;
      if (length > 0 && soundPipe.writable) soundPipe.write(tone(samples, length));
      samples += Math.max(0, length);
    },
    1000 / fps / 2,
  );
  const exited = once(child, 'exit').then(([code]) => {
    clearInterval(timer);
    return code as number | null;
  });
  return { stop: () => stop(child, exited, timer), log: () => log, exited };
}

async function stop(child: ChildProcess, exited: Promise<number | null>, timer: NodeJS.Timeout): Promise<void> {
  clearInterval(timer);
  child.stdin?.end();
  (child.stdio[3] as Writable).end();
  const force = setTimeout(() => child.kill('SIGKILL'), 5_000);
  await exited;
  clearTimeout(force);
}

/** `length` samples of a sine from sample `from` on, s16 little endian. */
function tone(from: number, length: number): Buffer {
  const sound = Buffer.alloc(length * 2);
  for (let i = 0; i < length; i++) {
    sound.writeInt16LE(Math.round(8_000 * Math.sin((2 * Math.PI * TONE_HZ * (from + i)) / SAMPLE_RATE)), i * 2);
  }
  return sound;
}
