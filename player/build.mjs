// Bundles the player for script tags into public/player/: the element in one file, its engine in a second one loaded in parallel.

import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = fileURLToPath(new URL('.', import.meta.url));
rmSync(`${here}../public/player`, { recursive: true, force: true });
await build({
  entryPoints: { 'openair-player': `${here}embed.ts` },
  outdir: `${here}../public/player`,
  bundle: true,
  format: 'esm',
  splitting: true,
  minify: true,
  target: ['es2022'],
  // A fixed name, so that pages can ask for it in their first bytes; both files are revalidated by ETag.
  chunkNames: 'engine',
  legalComments: 'linked',
  logLevel: 'warning',
});
