import { accessSync, chmodSync, constants, existsSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { runCommand } from './progress.mjs';
import { StepError } from './step-error.mjs';

/** Debian packages, each with what shows that it is there. */
const TO_RUN = [
  { package: 'redis-server', binary: 'redis-server' },
  { package: 'coturn', binary: 'turnserver' },
  { package: 'caddy', binary: 'caddy' },
  { package: 'ffmpeg', binary: 'ffmpeg' },
];
const TO_TEST = [
  { package: 'chromium', binary: 'chromium' },
  { package: 'fonts-dejavu-core', file: '/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf' },
  { package: 'nginx', binary: 'nginx' },
  { package: 'libnginx-mod-rtmp', file: '/usr/lib/nginx/modules/ngx_rtmp_module.so' },
];
const POLICY = '/usr/sbin/policy-rc.d';

/** @param {string} binary @returns {boolean} also looks where Debian puts servers, which is not on every PATH */
export function isInstalled(binary) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin', '/sbin'];
  return folders.some((folder) => {
    try {
      accessSync(join(folder, binary), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** @param {{ tests: boolean }} want @returns {string[]} names of Debian packages that are missing */
export function missingPackages(want) {
  return [...TO_RUN, ...(want.tests ? TO_TEST : [])]
    .filter((one) => (one.binary ? !isInstalled(one.binary) : !existsSync(one.file)))
    .map((one) => one.package);
}

/**
 * Installs what is missing, as root; otherwise says the one line that does it.
 * @param {string[]} missing @param {string} logFile
 */
export async function installPackages(missing, logFile) {
  const line = `apt-get update && apt-get install -y --no-install-recommends ${missing.join(' ')}`;
  if (process.getuid?.() !== 0) {
    throw new StepError(
      `These system packages are missing: ${missing.join(', ')}. Install them with\n\n  sudo sh -c '${line}'\n\nand start again.`,
    );
  }
  if (!isInstalled('apt-get')) {
    throw new StepError(
      `These programs are missing: ${missing.join(', ')}. This is not Debian or Ubuntu: install them with your system's package manager.`,
    );
  }
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const sentence = `Installing ${missing.join(', ')} failed. The line was: ${line}`;
  // Debian starts a server as soon as it is installed, on the very ports of other programs; 101 tells it not to (invoke-rc.d(8)).
  const guarded = !existsSync(POLICY);
  if (guarded) {
    writeFileSync(POLICY, '#!/bin/sh\nexit 101\n');
    chmodSync(POLICY, 0o755);
  }
  try {
    await runCommand('apt-get', ['update'], { env, logFile, sentence });
    await runCommand('apt-get', ['install', '-y', '--no-install-recommends', ...missing], { env, logFile, sentence });
  } finally {
    if (guarded) rmSync(POLICY, { force: true });
  }
}
