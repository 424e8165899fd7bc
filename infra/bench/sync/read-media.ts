import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { CLOCK_BITS, clockOf } from '../clock/clock-bits.ts';

const run = promisify(execFile);
const LIMIT = 512 * 1024 * 1024;
const RATE = 48_000;
/** The counter's blocks and the flash, as shares of the picture (see ClockPicture and drawings.ts). */
const COUNTER = `crop=iw*${(CLOCK_BITS * 28) / 1280}:ih*${28 / 720}:0:0`;
const FLASH = 'crop=iw*0.9:ih*0.2:iw*0.05:ih*0.7';

export type Picture = {
  /** Media time in seconds. */
  atS: number;
  /** The number drawn into it; null when it cannot be read. */
  number: number | null;
  white: boolean;
};

/** Every picture of a file, by ffprobe and ffmpeg: nothing of ours judges itself. */
export async function readPictures(file: string): Promise<Picture[]> {
  const row = `scale=${CLOCK_BITS}:1:flags=area`;
  const filter = `[0:v]format=gray,split[a][b];[a]${COUNTER},${row}[x];[b]${FLASH},${row}[y];[x][y]vstack`;
  const args = ['-v', 'error', '-i', file, '-filter_complex', filter, '-fps_mode', 'passthrough'];
  const [times, { stdout }] = await Promise.all([
    packetTimes(file),
    run('ffmpeg', [...args, '-f', 'rawvideo', '-pix_fmt', 'gray', '-'], { maxBuffer: LIMIT, encoding: 'buffer' }),
  ]);
  const size = CLOCK_BITS * 2;
  const count = Math.min(times.length, Math.floor(stdout.length / size));
  return Array.from({ length: count }, (_, at) => {
    const levels = [...stdout.subarray(at * size, at * size + CLOCK_BITS)];
    const area = stdout.subarray(at * size + CLOCK_BITS, (at + 1) * size);
    return { atS: times[at] ?? 0, number: clockOf(levels), white: area.every((level) => level > 200) };
  });
}

/** Sound must be silent this long before a beep counts, in samples. */
const SILENCE = RATE / 5;
const LOUD = 0.1;

/** Media times in seconds at which a beep begins. */
export async function readBeeps(file: string): Promise<number[]> {
  const args = ['-v', 'error', '-i', file, '-ac', '1', '-ar', String(RATE), '-f', 'f32le', '-'];
  const [[startS = 0], { stdout }] = await Promise.all([
    packetTimes(file),
    run('ffmpeg', args, { maxBuffer: LIMIT, encoding: 'buffer' }),
  ]);
  const samples = new Float32Array(stdout.buffer, stdout.byteOffset, Math.floor(stdout.length / 4));
  const beeps: number[] = [];
  let quiet = 0;
  for (const [at, sample] of samples.entries()) {
    if (Math.abs(sample) < LOUD) quiet++;
    else {
      if (quiet >= SILENCE) beeps.push(startS + at / RATE);
      quiet = 0;
    }
  }
  return beeps;
}

async function packetTimes(file: string): Promise<number[]> {
  const args = ['-v', 'error', '-show_entries', 'packet=pts_time', '-of', 'csv=p=0', file];
  const { stdout } = await run('ffprobe', args, { maxBuffer: LIMIT });
  return stdout
    .split('\n')
    .map((line) => Number.parseFloat(line))
    .filter(Number.isFinite);
}
