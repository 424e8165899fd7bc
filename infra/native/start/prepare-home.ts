import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { readInstall } from '../install.ts';
import { ownPorts, portsFrom } from '../settings/ports.ts';
import { StepError } from '../step-error.ts';
import { buildMediaServer, isBuilt, MEDIA_SERVERS } from '../steps/build-media-servers.ts';
import { prepareInstall } from '../steps/prepare-install.ts';
import { buildWeb, isWebCurrent } from '../steps/web-build.ts';
import { endLeftovers } from '../supervise/leftovers.ts';
import { findHolders } from '../supervise/port-holders.ts';
import { dropState, readState } from '../supervise/state-file.ts';
import type { Progress } from './progress.ts';

/** Everything between a checkout with its packages and a home that the supervisor can start from. */
export async function prepareHome({
  repo,
  home,
  base,
  progress,
}: {
  repo: string;
  home: string;
  base: number;
  progress: Progress;
}): Promise<void> {
  mkdirSync(join(home, 'logs'), { recursive: true, mode: 0o700 });
  const ended = await endLeftovers(home, readState(home));
  dropState(home);
  if (ended > 0) progress.say(`  ok ended ${ended} process${ended === 1 ? '' : 'es'} that an earlier run left behind`);
  checkPorts(base);
  for (const server of MEDIA_SERVERS.filter((one) => !isBuilt(repo, one))) {
    await progress.step(`building ${server.name}`, () =>
      buildMediaServer(repo, server, join(home, `logs/build-${server.name}.log`)),
    );
  }
  await progress.step('secrets and configuration', () => prepareInstall(repo, home, base));
  if (!isWebCurrent(repo, home)) {
    await progress.step('building the pages', () => buildWeb(repo, home, join(home, 'logs/build-web.log')));
  }
  readInstall(home);
}

/** @throws StepError naming each port that is taken, and by whom */
function checkPorts(base: number): void {
  const ports = portsFrom(base);
  const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => from + at);
  const udp = [
    ports.turn,
    ...range(ports.livekitUdpStart, ports.livekitUdpEnd),
    ...range(ports.relayStart, ports.relayEnd),
  ];
  const holders = findHolders(ownPorts(base), udp);
  if (holders.length === 0) return;
  const lines = holders.map(
    ({ port, protocol, pid, command }) =>
      `  ${protocol} ${port} is held by ${pid === null ? command : `process ${pid}: ${command}`}`,
  );
  throw new StepError(
    `Ports of this install are taken:\n${lines.join('\n')}\nEnd those programs, or start with another block: npm start -- --port N`,
  );
}
