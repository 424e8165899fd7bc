import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { ClockPicture } from './clock-picture.ts';

export type EncoderOptions = {
  /** `rtmp://host:port/live/KEY`. */
  url: string;
  width?: number;
  height?: number;
  fps?: number;
  /** Frames from key frame to key frame. */
  gop?: number;
  bFrames?: number;
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
}: EncoderOptions): Encoder {
  const picture = new ClockPicture(width, height);
  const child = spawn(
    'ffmpeg',
    [
      ...['-hide_banner', '-loglevel', 'warning', '-nostdin'],
      ...['-f', 'rawvideo', '-pix_fmt', 'yuv420p', '-s', `${width}x${height}`, '-r', String(fps), '-i', 'pipe:0'],
      ...['-re', '-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000:samples_per_frame=1024'],
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
      ...['-c:a', 'aac', '-b:a', '128k', '-ac', '2', '-f', 'flv', '-flvflags', 'no_duration_filesize', url],
    ],
    { stdio: ['pipe', 'ignore', 'pipe'] },
  );
  let log = '';
  child.stderr?.on('data', (text: Buffer) => {
    log = `${log}${text}`.slice(-4_000);
  });
  child.stdin?.on('error', () => {});
  const startedAt = performance.now();
  let index = 0;
  const timer = setInterval(
    () => {
      const due = Math.floor(((performance.now() - startedAt) * fps) / 1000);
      // After a late timer every frame that is due is sent, or the picture would fall behind the sound; each carries the time it is sent at.
      for (; index <= due && child.stdin?.writable; index++) child.stdin.write(picture.frame(index, Date.now()));
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
  const force = setTimeout(() => child.kill('SIGKILL'), 5_000);
  await exited;
  clearTimeout(force);
}
