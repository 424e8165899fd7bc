// Bundles the player for script tags into public/player/: the element in one file, its engine in a second one loaded in parallel.

import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = fileURLToPath(new URL('.', import.meta.url));
rmSync(`${here}../public/player`, { recursive: true, force: true });
const shared = {
  outdir: `${here}../public/player`,
  bundle: true,
  minify: true,
  target: ['es2022'],
  legalComments: 'linked',
  logLevel: 'warning',
};
await build({
  ...shared,
  entryPoints: { 'openair-player': `${here}embed.ts` },
  format: 'esm',
  splitting: true,
  // A fixed name, so that pages can ask for it in their first bytes; both files are revalidated by ETag.
  chunkNames: 'engine',
});
// Element and engine in one classic script: our watch page runs it while its HTML is still read, before React takes the main thread.
await build({ ...shared, entryPoints: { 'openair-first': `${here}embed.ts` }, format: 'iife' });
