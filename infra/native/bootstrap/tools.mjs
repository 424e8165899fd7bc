import { spawnSync } from 'node:child_process';
import { StepError } from './step-error.mjs';

const NODE = [20, 19];
const GO = [1, 26];

/** @param {number[]} have @param {number[]} need @returns {boolean} */
export function isAtLeast(have, need) {
  for (const [at, wanted] of need.entries()) {
    const found = have[at] ?? 0;
    if (found !== wanted) return found > wanted;
  }
  return true;
}

/**
 * @param {{ needsGo: boolean }} need Go is asked for only when a media server is still to be built
 * @throws {StepError} naming every tool that is missing or too old
 */
export function checkTools(need) {
  const problems = [];
  const node = process.versions.node.split('.').map(Number);
  if (!isAtLeast(node, NODE)) {
    problems.push(
      `Node.js ${NODE.join('.')} or newer is needed, this is ${process.versions.node}: see https://nodejs.org/en/download`,
    );
  }
  if (need.needsGo) {
    const asked = spawnSync('go', ['version'], { encoding: 'utf8' });
    const version = /go(\d+)\.(\d+)/.exec(asked.stdout ?? '');
    if (!version)
      problems.push(
        'Go is needed to build livekit-server and MinIO, and "go" was not found: see https://go.dev/doc/install',
      );
    // Go fetches the toolchain a module asks for by itself since 1.21, so an older one is slower, not wrong.
    else if (!isAtLeast([Number(version[1]), Number(version[2])], [1, 21])) {
      problems.push(
        `Go ${GO.join('.')} is needed to build livekit-server and MinIO, this is ${version[0]}: see https://go.dev/doc/install`,
      );
    }
  }
  if (problems.length > 0) throw new StepError(problems.join('\n'));
}
