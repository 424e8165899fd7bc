import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

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
 * GStreamer takes `pictures` access units, and the sound of the same time, out of a live address at the rate of its clock.
 * @returns seconds that it took, start included
 * @throws when it fails, or takes longer than a minute
 */
export async function playWithGstreamer(
  url: string,
  demuxer: 'hlsdemux' | 'dashdemux',
  pictures: number,
): Promise<number> {
  // hlsdemux numbers its streams, the variant first; a stream that leads nowhere would be an error.
  const [picture, sound] = demuxer === 'hlsdemux' ? ['src_0', 'src_1'] : ['video_00', 'audio_00'];
  const source = ['souphttpsrc', `location=${url}`, '!', demuxer, 'name=d', 'connection-speed=100000'];
  const eyes = [`d.${picture}`, '!', 'queue', '!', 'qtdemux', '!', 'h264parse', '!'];
  const sink = ['fakesink', 'sync=true', `num-buffers=${pictures}`];
  // Both have to end, or the pipeline would go on: AAC frames of the same time, at 30 pictures a second.
  const sounds = Math.floor((pictures * 48_000) / 1024 / 30);
  const ears = [`d.${sound}`, '!', 'queue', '!', 'qtdemux', '!', 'fakesink', 'sync=true', `num-buffers=${sounds}`];
  const begunMs = performance.now();
  await run('gst-launch-1.0', ['-q', ...source, ...eyes, ...sink, ...ears], { timeout: LIMIT_MS });
  return (performance.now() - begunMs) / 1000;
}
