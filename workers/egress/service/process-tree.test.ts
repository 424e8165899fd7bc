import { spawn } from 'node:child_process';
import { expect, test, vi } from 'vitest';
import { readProcess, readProcesses, secondsOfTree } from './process-tree.ts';

test('the time of a tree is that of the process and of all below it, however deep, and of nobody else', () => {
  const all = new Map([
    [1, { parent: 0, seconds: 1000 }],
    [10, { parent: 1, seconds: 1 }],
    [11, { parent: 10, seconds: 2 }],
    [12, { parent: 11, seconds: 4 }],
    [20, { parent: 1, seconds: 8 }],
  ]);
  expect(secondsOfTree(10, all)).toBe(7);
  expect(secondsOfTree(20, all)).toBe(8);
  expect(secondsOfTree(99, all)).toBe(0);
});

test('what a child of ours does is counted as ours', async () => {
  const busy = spawn(process.execPath, ['-e', 'for (;;) {}'], { stdio: 'ignore' });
  try {
    await vi.waitFor(
      async () => {
        const all = await readProcesses();
        const own = (await readProcess(process.pid)).seconds;
        expect(all.get(busy.pid ?? 0)?.parent).toBe(process.pid);
        expect(secondsOfTree(process.pid, all)).toBeGreaterThan(own + 0.05);
      },
      { timeout: 10_000, interval: 100 },
    );
  } finally {
    busy.kill('SIGKILL');
  }
});
