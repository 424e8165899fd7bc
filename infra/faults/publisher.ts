import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { childEnv } from '../native/doctor/played-back.ts';

export type Publisher = { stop(): Promise<void>; running(): boolean };

const run = promisify(execFile);
const QUIET = ['-nostdin', '-loglevel', 'error'];

/** Arguments of a moving test picture and a tone; `real` = as fast as they are seen. */
function inputs(size: string, real: boolean): string[] {
  const pace = real ? ['-re'] : [];
  const picture = ['-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=30`];
  return [...pace, ...picture, ...pace, '-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000'];
}

function encoding(kbps: number): string[] {
  const video = ['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-g', '30', '-b:v', `${kbps}k`];
  return [...video, '-pix_fmt', 'yuv420p', '-c:a', 'aac', '-b:a', '96k', '-ac', '2'];
}

/** Ten seconds of 30 pictures each in a file, for an encoder that costs no CPU while it sends. */
export type Clip = { file: string; remove(): Promise<void> };

export async function makeClip(size = '1280x720', kbps = 2000): Promise<Clip> {
  const folder = await mkdtemp(join(tmpdir(), 'openair-clip-'));
  const file = join(folder, 'clip.flv');
  await run('ffmpeg', [...QUIET, ...inputs(size, false), ...encoding(kbps), '-t', '10', file], {
    env: childEnv(),
  });
  return { file, remove: () => rm(folder, { recursive: true, force: true }) };
}

/**
 * An encoder as streamers have one, in real time over RTMP; ends itself after `limitS`.
 * @param clip sent again and again; absent = a moving test picture of 640 × 360 and a tone, encoded meanwhile
 */
export function publish(url: string, limitS = 900, clip?: string): Publisher {
  const sent = clip
    ? ['-re', '-stream_loop', '-1', '-i', clip, '-c', 'copy']
    : [...inputs('640x360', true), ...encoding(800)];
  const args = [...QUIET, ...sent, '-t', String(limitS), '-f', 'flv', url];
  const child = spawn('ffmpeg', args, { env: childEnv(), stdio: 'ignore' });
  const exited = once(child, 'exit');
  const running = () => child.exitCode === null && child.signalCode === null;
  return {
    running,
    async stop() {
      if (running()) child.kill('SIGKILL');
      await exited;
    },
  };
}
