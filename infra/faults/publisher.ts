import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { childEnv } from '../native/doctor/played-back.ts';

export type Publisher = { stop(): Promise<void>; running(): boolean };

/** An encoder as streamers have one, with a moving test picture and a tone, in real time over RTMP; ends itself after `limitS`. */
export function publish(url: string, limitS = 900): Publisher {
  const picture = ['-f', 'lavfi', '-i', 'testsrc2=size=640x360:rate=30'];
  const sound = ['-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000'];
  const video = ['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-g', '30', '-b:v', '800k'];
  const out = ['-c:a', 'aac', '-b:a', '96k', '-ac', '2', '-t', String(limitS), '-f', 'flv', url];
  const child = spawn(
    'ffmpeg',
    ['-nostdin', '-loglevel', 'error', '-re', ...picture, '-re', ...sound, ...video, '-pix_fmt', 'yuv420p', ...out],
    { env: childEnv(), stdio: 'ignore' },
  );
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
