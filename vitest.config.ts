import { defineConfig } from 'vitest/config';

/** As long as infra/checks/patience.ts gives `vi.waitFor`, which has no setting of its own. */
const POLL = { timeout: 10_000 };

/**
 * `unit`: no servers (memory twins, pure functions, child processes of our own).
 * `stack`: `*.stack.test.ts`, through the front door of a running install whose home is OPENAIR_TEST_HOME.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['app/**/*.test.{ts,tsx}', 'workers/**/*.test.ts', 'player/**/*.test.ts', 'infra/**/*.test.ts'],
          exclude: ['**/node_modules/**', '**/*.stack.test.ts'],
          setupFiles: ['infra/checks/patience.ts'],
          testTimeout: 20_000,
          expect: { poll: POLL },
        },
      },
      {
        test: {
          name: 'stack',
          include: ['app/**/*.stack.test.ts', 'workers/**/*.stack.test.ts', 'infra/**/*.stack.test.ts'],
          setupFiles: ['infra/checks/patience.ts'],
          testTimeout: 60_000,
          expect: { poll: POLL },
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
