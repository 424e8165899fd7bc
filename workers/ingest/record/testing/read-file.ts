import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect } from 'vitest';

/** Files as ffmpeg, an independent reader, sees them. */
const run = promisify(execFile);

/** One hash a packet, as it lies in the file; decoding all of it must give nothing to complain of. */
export async function packets(file: string, stream: 'v' | 'a'): Promise<string[]> {
  const { stderr: complaints } = await run('ffmpeg', ['-v', 'warning', '-i', file, '-f', 'null', '-']);
  expect(complaints).toBe('');
  const args = ['-v', 'warning', '-i', file, '-map', `0:${stream}`, '-c', 'copy', '-f', 'framemd5', '-'];
  const { stdout, stderr } = await run('ffmpeg', args, { maxBuffer: 1e8 });
  expect(stderr).toBe('');
  const lines = stdout.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return lines.map((line) => line.split(',').at(-1)?.trim() ?? '');
}

/** Presentation times, s, from the first one. */
export async function times(file: string, stream: 'v' | 'a'): Promise<number[]> {
  const entries = ['-select_streams', stream, '-show_entries', 'packet=pts_time', '-of', 'csv=p=0'];
  const { stdout } = await run('ffprobe', ['-v', 'error', ...entries, file], { maxBuffer: 1e8 });
  const all = stdout.split('\n').filter((line) => line !== '');
  const sorted = all.map((line) => Number(line.split(',')[0])).sort((one, other) => one - other);
  return sorted.map((at) => at - (sorted[0] ?? 0));
}
