import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { locked } from './locked.ts';
import { runLogged } from './run-logged.ts';

export type MediaServer = { name: string; program: string; module: string };

/** Built from their Go modules, each from its own go.mod: a shared one would push a program onto versions it was never built with. */
export const MEDIA_SERVERS: MediaServer[] = [
  { name: 'livekit-server', program: 'livekit-server', module: 'github.com/livekit/livekit-server/cmd/server' },
  { name: 'minio', program: 'minio', module: 'github.com/minio/minio' },
];

/** Ours, in Go for its WebRTC library: publishes encoded files for the benches, which build it when they need it. */
export const FILE_PUBLISHER: MediaServer = { name: 'file-publisher', program: 'file-publisher', module: '.' };

/** @returns whether the program in `.openair/bin` was built from the pinned versions of now */
export function isBuilt(repo: string, server: MediaServer): boolean {
  const bin = join(repo, '.openair/bin', server.program);
  const stamp = `${bin}.stamp`;
  return existsSync(bin) && existsSync(stamp) && readFileSync(stamp, 'utf8').trim() === stampOf(repo, server);
}

/** Builds one into `.openair/bin`, which all homes of this checkout share; a running program is replaced, not overwritten. */
export async function buildMediaServer(repo: string, server: MediaServer, logFile: string): Promise<void> {
  const bin = join(repo, '.openair/bin', server.program);
  await locked(`${bin}.lock`, async () => {
    if (isBuilt(repo, server)) return; // another start built it while we waited
    await runLogged('go', ['build', '-trimpath', '-ldflags', '-s -w', '-o', `${bin}.new`, server.module], {
      cwd: join(repo, 'infra/native', server.name),
      env: { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=readonly' },
      logFile,
      sentence: `Building ${server.name} failed`,
    });
    renameSync(`${bin}.new`, bin);
    writeFileSync(`${bin}.stamp`, `${stampOf(repo, server)}\n`);
  });
}

function stampOf(repo: string, server: MediaServer): string {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}`);
  const folder = join(repo, 'infra/native', server.name);
  const sources = readdirSync(folder).filter((file) => /^go\.(mod|sum)$|\.go$/.test(file));
  for (const file of sources.sort()) hash.update(readFileSync(join(folder, file)));
  return hash.digest('hex');
}
