import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Install } from '../install.ts';
import { childEnv, fetchMedia, findSound, listRenditions, measureMedia } from './played-back.ts';

const LIVE_WITHIN_MS = 30_000;
const SHOW_S = 10;
const LONGEST_S = 120;

type Broadcast = {
  id: string;
  state: string;
  playback: { hls: string };
  problem?: unknown;
  health?: { sentences?: string[] };
};

/**
 * Ten seconds of a moving picture and a tone, by RTMP into a channel of the doctor's own, played back from the playlists over HTTP.
 * @returns what was seen, in words
 * @throws Error that says which stage of the way failed
 */
export async function testBroadcast(install: Install): Promise<string> {
  const api = apiOf(install);
  const room = mkdtempSync(join(tmpdir(), 'openair-doctor-'));
  const ended = new AbortController();
  let broadcast: Broadcast | null = null;
  try {
    await keepChannel(api);
    const ingest = (await api('GET', '/channels/doctor/ingest')) as { rtmp: { url: string; streamKey: string } };
    broadcast = (await api('POST', '/channels/doctor/broadcasts', {
      title: 'Test of the doctor',
      visibility: 'unlisted',
    })) as Broadcast;
    const encoder = publish(`${ingest.rtmp.url}/${ingest.rtmp.streamKey}`, ended.signal);
    encoder.catch(() => undefined); // told by the race that runs when it happens
    const begunMs = Date.now();
    await Promise.race([wait(1000), encoder]);
    await api('POST', `/broadcasts/${broadcast.id}/start`);
    const live = await Promise.race([untilLive(api, broadcast.id), encoder]);
    const liveAfter = ((Date.now() - begunMs) / 1000).toFixed(1);
    await Promise.race([wait(SHOW_S * 1000), encoder]);
    const renditions = await listRenditions(live.playback.hls);
    const video = renditions.find((one) => one.kind === 'video');
    const audio = findSound(renditions);
    if (!video || !audio)
      throw new Error(`the playlist names ${renditions.map((one) => one.kind).join(', ') || 'no rendition'}`);
    writeFileSync(join(room, 'video.mp4'), await fetchMedia(video.url));
    writeFileSync(join(room, 'audio.mp4'), await fetchMedia(audio.url));
    const { pictures, seconds, loudnessDb } = await measureMedia(join(room, 'video.mp4'), join(room, 'audio.mp4'));
    if (pictures < seconds * 2)
      throw new Error(`the picture stands still: ${pictures} different ones in ${seconds.toFixed(1)} s`);
    if (!(loudnessDb > -50)) throw new Error(`there is no sound: ${loudnessDb} dB`);
    return `live after ${liveAfter} s, ${pictures} different pictures in ${seconds.toFixed(1)} s, sound at ${loudnessDb} dB`;
  } finally {
    ended.abort();
    if (broadcast) await api('POST', `/broadcasts/${broadcast.id}/end`).catch(() => undefined);
    await api('POST', '/channels/doctor/ingest/rotate').catch(() => undefined);
    rmSync(room, { recursive: true, force: true });
  }
}

type Api = (method: string, path: string, body?: object) => Promise<unknown>;

function apiOf({ env }: Install): Api {
  return async (method, path, body) => {
    const response = await fetch(`${env.OPENAIR_URL}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${env.OPENAIR_API_KEY}`,
        ...(body ? { 'content-type': 'application/json' } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
      signal: AbortSignal.timeout(20_000),
    });
    const answer = (await response.json()) as { error?: { code: string; message: string } };
    if (!response.ok) throw new Error(`${method} ${path} answers ${response.status}: ${answer.error?.message ?? ''}`);
    return answer;
  };
}

/** The doctor's own channel; what an earlier visit left open on it is ended. */
async function keepChannel(api: Api): Promise<void> {
  const found = await api('GET', '/channels/doctor').catch(() => null);
  if (!found) await api('POST', '/channels', { handle: 'doctor', name: 'Doctor' });
  const { items } = (await api('GET', '/channels/doctor/broadcasts')) as { items: { id: string; state: string }[] };
  for (const { id } of items.filter(({ state }) => state !== 'ended' && state !== 'ending')) {
    await api('POST', `/broadcasts/${id}/end`);
  }
}

/**
 * Never resolves: it is raced against, and rejects when ffmpeg ends before `stop`. ffmpeg takes the address as an argument only, where
 * other users of the machine see it: the doctor's key is made anew right after.
 */
function publish(url: string, stop: AbortSignal): Promise<never> {
  const picture = ['-f', 'lavfi', '-i', 'testsrc2=size=640x360:rate=30'];
  const sound = ['-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000'];
  const video = ['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-g', '30', '-pix_fmt', 'yuv420p'];
  const args = [
    '-nostdin',
    '-v',
    'error',
    '-re',
    ...picture,
    '-re',
    ...sound,
    ...video,
    '-b:v',
    '800k',
    '-c:a',
    'aac',
    '-ac',
    '2',
  ];
  return new Promise((_, reject) => {
    // The limit is for a doctor that is killed: nobody would end its encoder.
    const child = spawn('ffmpeg', [...args, '-t', String(LONGEST_S), '-f', 'flv', url], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: childEnv(),
    });
    let said = '';
    child.stderr.on('data', (chunk) => {
      said = `${said}${chunk}`.slice(-400);
    });
    child.once('error', (error) => reject(new Error(`ffmpeg could not be started: ${error.message}`)));
    child.once(
      'exit',
      () => stop.aborted || reject(new Error(`the encoder was sent away: ${said.replaceAll(url, 'rtmp://…').trim()}`)),
    );
    stop.addEventListener('abort', () => child.kill('SIGKILL'));
  });
}

async function untilLive(api: Api, id: string): Promise<Broadcast> {
  const untilMs = Date.now() + LIVE_WITHIN_MS;
  for (;;) {
    const seen = (await api('GET', `/broadcasts/${id}`)) as Broadcast;
    if (seen.state === 'live') return seen;
    if (seen.state === 'ended' || Date.now() > untilMs) {
      const why = typeof seen.problem === 'string' ? seen.problem : seen.health?.sentences?.join(' ');
      throw new Error(
        `the broadcast did not go live within ${LIVE_WITHIN_MS / 1000} s, it is ${seen.state}. ${why ?? ''}`,
      );
    }
    await wait(300);
  }
}
