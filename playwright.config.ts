import { defineConfig } from '@playwright/test';
import { CHROMIUM_FLAGS } from './infra/bench/lib/browser.ts';

/** Stories in a real browser against a running install (OPENAIR_TEST_HOME). One worker: two cores carry one live show at a time. */
export default defineConfig({
  testDir: 'infra/e2e',
  testMatch: '*.spec.ts',
  workers: 1,
  fullyParallel: false,
  timeout: 120_000,
  expect: { timeout: 20_000 },
  reporter: [['list']],
  use: {
    trace: 'off',
    launchOptions: { executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: CHROMIUM_FLAGS },
    permissions: ['camera', 'microphone'],
  },
});
