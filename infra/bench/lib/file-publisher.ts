import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { AccessToken } from 'livekit-server-sdk';
import { buildMediaServer, FILE_PUBLISHER } from '../../native/steps/build-media-servers.ts';
import type { Install } from './install.ts';
import { FPS, type LayerFile } from './media-files.ts';

export type FilePerson = { identity: string; name: string; layers: LayerFile[]; audio: string | null };

export type FilePublisher = { pid: number; stop(): Promise<void> };

/**
 * Puts people into a room whose tracks are files, sent as they are (see infra/native/file-publisher). Resolves when all of them send.
 * @throws Error with the publisher's words
 */
export async function publishFiles(install: Install, roomName: string, people: FilePerson[]): Promise<FilePublisher> {
  const repo = resolve('.');
  await buildMediaServer(repo, FILE_PUBLISHER, join(install.home, 'logs/build-file-publisher.log'));
  const { LIVEKIT_URL = '' } = install.env;
  const job = {
    url: LIVEKIT_URL.replace(/^http/, 'ws'),
    fps: FPS,
    people: await Promise.all(
      people.map(async ({ identity, name, layers, audio }, at) => ({
        token: await tokenFor(install, roomName, identity, name),
        layers,
        audio: audio ?? '',
        from: at * 7,
      })),
    ),
  };
  const child = spawn(join(repo, '.openair/bin', FILE_PUBLISHER.program), [], { stdio: ['pipe', 'pipe', 'pipe'] });
  let told = '';
  child.stderr.on('data', (text) => {
    told += text;
  });
  child.stdin.on('error', () => {});
  child.stdin.write(`${JSON.stringify(job)}\n`);
  const ready = once(child.stdout, 'data').then(() => true);
  const gone = once(child, 'exit').then(() => false);
  if (!(await Promise.race([ready, gone]))) throw new Error(`the files cannot be published: ${told.trim()}`);
  return { pid: child.pid ?? 0, stop: () => stop(child, gone) };
}

async function stop(child: ChildProcess, gone: Promise<unknown>): Promise<void> {
  child.stdin?.end();
  const force = setTimeout(() => child.kill('SIGKILL'), 3_000);
  if (child.exitCode === null && child.signalCode === null) await gone;
  clearTimeout(force);
}

function tokenFor({ env }: Install, room: string, identity: string, name: string): Promise<string> {
  const token = new AccessToken(env.LIVEKIT_API_KEY, env.LIVEKIT_API_SECRET, { identity, name, ttl: 3_600 });
  // Receiving nothing, the sending side is LiveKit's primary connection.
  token.addGrant({ room, roomJoin: true, canPublish: true, canSubscribe: false });
  return token.toJwt();
}
