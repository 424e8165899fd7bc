import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { FromPipeline } from './plan.ts';
import { appRequest, testConfig } from './service/fixtures/requests.ts';
import { pipelineProcessStarter } from './service/pipeline-process.ts';
import { acceptRequest } from './service/requests.ts';

const PARENT = fileURLToPath(new URL('./service/fixtures/spare-parent.ts', import.meta.url));

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test('a process that was loaded ahead takes a plan as a new one does', async () => {
  const { plan } = acceptRequest(appRequest(), testConfig(), Date.now());
  const heard: FromPipeline['t'][] = [];
  const gone = new Promise<unknown>((resolve) => {
    const child = pipelineProcessStarter({ PATH: process.env.PATH ?? '' })({
      exit: resolve,
      message({ t }) {
        heard.push(t);
        if (t !== 'warm') return;
        child.send({ t: 'run', plan });
        child.send({ t: 'stop' });
      },
    });
    child.send({ t: 'warm' });
  });
  expect(await gone).toEqual({ code: 0, signal: null });
  expect(heard).toContain('ended');
});

test('a spare process ends when its worker is killed', async () => {
  const worker = spawn(process.execPath, ['--import', 'tsx', PARENT], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(worker.stdout, 'data');
  const pid = Number(line);
  expect(isThere(pid)).toBe(true);
  worker.kill('SIGKILL');
  await expect.poll(() => isThere(pid)).toBe(false);
});
