import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { presetFor, threadsFor } from '../../../workers/egress/pipeline/encode/effort.ts';
import type { Rungs } from '../lib/direct-egress.ts';
import type { FilePerson } from '../lib/file-publisher.ts';

/** Grids as the scene's: 1, 2 × 2, 3 × 3. */
const SIDES: Record<number, number> = { 1: 1, 4: 2, 9: 3 };
const PROGRAM = { width: 1280, height: 720 };

/**
 * The same work by ffmpeg itself: the same files decoded (for a tile the layer that fits it), put into the same grid, encoded with the same
 * x264 settings and AAC, thrown away. Files in, nothing out: no network, no packaging. Read at their own rate, as ours is: a picture every
 * 33 ms costs an encoder a fifth more than pictures without a pause, whose caches stay warm.
 * @returns CPU seconds per minute of output
 */
export async function ffmpegCost(people: FilePerson[], rungs: Rungs, seconds: number): Promise<number> {
  const side = SIDES[people.length];
  if (!side) throw new Error(`no grid for ${people.length} sources`);
  const tile = PROGRAM.height / side;
  const inputs = people.flatMap(({ layers, audio }) => {
    const layer = layers.find(({ height }) => height >= tile) ?? layers.at(-1);
    const video = [
      '-re',
      '-stream_loop',
      '-1',
      '-framerate',
      '30',
      '-t',
      String(seconds),
      '-f',
      'h264',
      '-i',
      layer?.file ?? '',
    ];
    return [...video, '-re', '-stream_loop', '-1', '-t', String(seconds), '-i', audio ?? ''];
  });
  const args = ['-hide_banner', '-nostdin', '-benchmark', '-loglevel', 'info', ...inputs];
  const child = spawn('ffmpeg', [...args, '-filter_complex', filters(people.length, side, rungs), ...outputs(rungs)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let told = '';
  child.stderr.on('data', (text) => {
    told = `${told}${text}`.slice(-4_000);
  });
  const [code] = await once(child, 'exit');
  const [, user, system] = /bench: utime=([\d.]+)s stime=([\d.]+)s/.exec(told) ?? [];
  if (code !== 0 || !user || !system) throw new Error(`ffmpeg's own run failed: ${told.slice(-600)}`);
  return ((Number(user) + Number(system)) / seconds) * 60;
}

function filters(sources: number, side: number, rungs: Rungs): string {
  const [width, height] = [Math.floor(PROGRAM.width / side / 2) * 2, Math.floor(PROGRAM.height / side / 2) * 2];
  const each = Array.from(
    { length: sources },
    (_, at) => `[${at * 2}:v]scale=${width}:${height}:flags=bilinear[v${at}]`,
  );
  const places = Array.from({ length: sources }, (_, at) => `${(at % side) * width}_${Math.floor(at / side) * height}`);
  const all = Array.from({ length: sources }, (_, at) => `[v${at}]`).join('');
  const grid = sources === 1 ? '[v0]null[grid]' : `${all}xstack=inputs=${sources}:layout=${places.join('|')}[grid]`;
  const split = `[grid]split=${rungs.length}${rungs.map(({ id }) => `[s${id}]`).join('')}`;
  const sized = rungs.map(({ id, height: h }) => `[s${id}]scale=-2:${h}:flags=bilinear[o${id}]`);
  const heard = Array.from({ length: sources }, (_, at) => `[${at * 2 + 1}:a]`).join('');
  return [...each, grid, split, ...sized, `${heard}amix=inputs=${sources}[sound]`].join(';');
}

const sizeOf = (height: number) => ({ width: Math.round((height * 16) / 9), height });

function outputs(rungs: Rungs): string[] {
  const video = rungs.flatMap(({ id, height, bitrateKbps }) => [
    ...['-map', `[o${id}]`, '-c:v', 'libx264', '-preset', presetFor(sizeOf(height)), '-tune', 'zerolatency'],
    ...['-profile:v', 'high', '-b:v', `${bitrateKbps}k`, '-maxrate', `${bitrateKbps}k`, '-bufsize', `${bitrateKbps}k`],
    ...['-g', '30', '-sc_threshold', '0', '-threads', String(threadsFor({ ...sizeOf(height), fps: 30 }))],
    ...['-f', 'null', '-'],
  ]);
  return [...video, '-map', '[sound]', '-c:a', 'aac', '-b:a', '128k', '-f', 'null', '-'];
}
