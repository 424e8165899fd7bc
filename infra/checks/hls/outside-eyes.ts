import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { eventually } from '../../bench/lib/install.ts';

/** Demuxers that are none of ours, on a live address or a file. */
const run = promisify(execFile);
const LIMIT_MS = 60_000;

export type Decoded = { pictures: number; sounds: number; complaints: string };

/** FFmpeg decodes `seconds` of picture and sound. @throws with its words when it gives up or takes longer than a minute */
export async function decodeWithFfmpeg(url: string, seconds: number): Promise<Decoded> {
  const maps = ['-map', '0:v:0', '-map', '0:a:0', '-t', String(seconds), '-f', 'framemd5', '-'];
  const { stdout, stderr } = await run('ffmpeg', ['-nostdin', '-v', 'error', '-i', url, ...maps], {
    timeout: LIMIT_MS,
    maxBuffer: 64 << 20,
  });
  const lines = stdout.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const pictures = lines.filter((line) => line.startsWith('0,')).length;
  return { pictures, sounds: lines.length - pictures, complaints: stderr.trim() };
}

export type Probed = { streams: { codec_type: string; codec_name: string; width?: number }[]; durationS: number };

export async function probe(url: string): Promise<Probed> {
  const show = ['-show_entries', 'stream=codec_type,codec_name,width:format=duration', '-of', 'json'];
  const { stdout } = await run('ffprobe', ['-v', 'error', ...show, url], { timeout: LIMIT_MS });
  const { streams, format } = JSON.parse(stdout);
  return { streams, durationS: Number(format?.duration ?? Number.NaN) };
}

/**
 * GStreamer's demuxer follows a live address until it has given `pictures` pictures and the sound of the same time, as a decoder can read
 * them.
 * @throws when it ends by itself, or has not given them within a minute
 */
export async function playWithGstreamer(
  url: string,
  demuxer: 'hlsdemux' | 'dashdemux',
  pictures: number,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'openair-gst-'));
  // hlsdemux numbers its streams in any order.
  const pads = demuxer === 'hlsdemux' ? ['src_0', 'src_1'] : ['video_00', 'audio_00'];
  const files = pads.map((pad) => join(folder, `${pad}.mp4`));
  const taps = pads.flatMap((pad, i) => [`d.${pad}`, '!', 'queue', '!', 'filesink', `location=${files[i]}`]);
  const source = ['souphttpsrc', `location=${url}`, '!', demuxer, 'name=d', 'connection-speed=100000'];
  const child = spawn('gst-launch-1.0', ['-q', ...source, ...taps], { stdio: 'ignore' });
  try {
    await eventually(
      `${pictures} pictures and their sound through ${demuxer}`,
      async () => {
        if (child.exitCode !== null) throw new Error(`${demuxer} ended with ${child.exitCode}`);
        const found = (await Promise.all(files.map(countPackets))).flat();
        const count = (codec: string) => found.find(({ codec_name }) => codec_name === codec)?.nb_read_packets ?? 0;
        return Number(count('h264')) >= pictures && Number(count('aac')) >= (pictures * 48_000) / 1024 / 30;
      },
      LIMIT_MS,
    );
  } finally {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
}

async function countPackets(file: string): Promise<{ codec_name: string; nb_read_packets: string }[]> {
  const show = ['-count_packets', '-show_entries', 'stream=codec_name,nb_read_packets', '-of', 'json'];
  const { stdout } = await run('ffprobe', ['-v', 'error', ...show, file]).catch(() => ({ stdout: '{}' }));
  return JSON.parse(stdout).streams ?? [];
}
