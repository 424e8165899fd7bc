import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { z } from 'zod';
import type { PageSourcePlan } from './plan.ts';

/** How pages are drawn (web egress, `custom_base_url`). */
export type PageConfig = Pick<PageSourcePlan, 'sandbox' | 'memoryMb' | 'flags'> & {
  /** Chromium's path; null = there is none, `missing` says why. */
  browser: string | null;
  missing: string;
};

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];

/** LiveKit's keys for its browser; a number is what YAML makes of `--name=5`. */
export const PageKeys = {
  chrome_flags: z
    .record(z.string(), z.union([z.boolean(), z.string(), z.number()]))
    .refine((flags) => Object.keys(flags).every((name) => /^[a-z0-9][a-z0-9-]*$/.test(name)), {
      error: 'must hold names of switches without dashes before them',
    })
    .default({}),
  enable_chrome_sandbox: z.boolean({ error: 'must be true or false' }).default(true),
};

/** Ours, under `openair`. */
export const OurPageKeys = {
  chromium: z.string().default(''),
  page_memory_mb: z.int().min(256).default(2048),
};

type Given = z.infer<z.ZodObject<typeof PageKeys>> & { openair: z.infer<z.ZodObject<typeof OurPageKeys>> };

/** @param path of the environment, in which Chromium is looked for unless its place is given */
export function readPageConfig({ chrome_flags, enable_chrome_sandbox, openair }: Given, path?: string): PageConfig {
  const flags = Object.entries(chrome_flags).map(([name, value]) => [
    name,
    typeof value === 'number' ? String(value) : value,
  ]);
  const missing = openair.chromium
    ? `there is no program at ${openair.chromium} (openair.chromium in egress.yaml)`
    : 'it is not installed. Install the package chromium, or set openair.chromium in egress.yaml, and restart the egress worker';
  return {
    browser: findBrowser(openair.chromium, path),
    missing,
    sandbox: enable_chrome_sandbox,
    memoryMb: openair.page_memory_mb,
    flags: Object.fromEntries(flags),
  };
}

/** @param wanted a path; empty = the first of the usual names in `path` */
function findBrowser(wanted: string, path: string | undefined): string | null {
  const folders = (path ?? '').split(delimiter).filter((folder) => folder !== '');
  const candidates = wanted ? [wanted] : NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  return candidates.find(isProgram) ?? null;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
