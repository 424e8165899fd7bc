// Builds the player: `node player/build.mjs` for our own pages (public/player), with `--package` for npm (player/dist).

import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { HLS_NOTICE, smallHls } from './small-hls.mjs';

const livekitRoot = join(dirname(createRequire(import.meta.url).resolve('livekit-client')), '..');
const livekit = JSON.parse(readFileSync(join(livekitRoot, 'package.json'), 'utf8'));
/** Its licence asks that who passes it on says so. */
const LIVEKIT_NOTICE = `/*! livekit-client ${livekit.version}, Apache-2.0, https://github.com/livekit/client-sdk-js */`;

const HERE = fileURLToPath(new URL('.', import.meta.url));
const PAGES = join(HERE, '../public/player');
const PACKAGE = join(HERE, 'dist');

/** What the element loads later, as files beside it under fixed names, so that a page can ask for them in its first bytes. */
const ENGINE = './engine.js';
const EXTRAS = './extras.js';
const SEATS = './seats.js';

/** Leaves `import('hls.js')` and the imports of extras and seats to the browser. @param {{ engine: boolean }} which */
const later = ({ engine }) => ({
  name: 'later',
  setup(on) {
    on.onResolve({ filter: /^hls\.js$/ }, () => (engine ? { path: ENGINE, external: true } : undefined));
    on.onResolve({ filter: /\/extras\/extras\.ts$/ }, ({ kind }) =>
      kind === 'dynamic-import' ? { path: EXTRAS, external: true } : undefined,
    );
    on.onResolve({ filter: /\/webrtc\/seats\.ts$/ }, ({ kind }) =>
      kind === 'dynamic-import' ? { path: SEATS, external: true } : undefined,
    );
  },
});

/** One bundle. @returns {Promise<{ path: string, text: string }[]>} its files, not yet written */
async function bundle(outdir, entryPoints, options) {
  const { outputFiles } = await build({
    outdir,
    entryPoints,
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    target: ['es2022'],
    legalComments: 'none',
    logLevel: 'warning',
    ...options,
  });
  return outputFiles;
}

const engineFile = (outdir) =>
  bundle(outdir, { engine: join(HERE, 'src/hls/hls.ts') }, { plugins: [smallHls], banner: { js: HLS_NOTICE } });
const extrasFile = (outdir) => bundle(outdir, { extras: join(HERE, 'src/extras/extras.ts') }, {});

const seatsFile = (outdir) =>
  bundle(outdir, { seats: join(HERE, 'src/webrtc/seats.ts') }, { banner: { js: LIVEKIT_NOTICE } });

/** The files for script tags, not yet written: infra/checks weighs them. */
export async function filesForPages() {
  const made = await Promise.all([
    bundle(PAGES, { 'openair-player': join(HERE, 'embed.ts') }, { plugins: [later({ engine: true })] }),
    engineFile(PAGES),
    extrasFile(PAGES),
    seatsFile(PAGES),
    // Element and engine in one classic script: our watch page runs it while its HTML is still read, before React takes the main thread.
    bundle(
      PAGES,
      { 'openair-first': join(HERE, 'embed.ts') },
      { format: 'iife', plugins: [later({ engine: false }), smallHls], banner: { js: HLS_NOTICE } },
    ),
    bundle(PAGES, { 'openair-embed-api': join(HERE, 'embed-api.ts') }, { format: 'iife' }),
  ]);
  return made.flat();
}

async function filesForPackage() {
  const made = await Promise.all([
    bundle(PACKAGE, { index: join(HERE, 'src/index.ts') }, { plugins: [later({ engine: true })] }),
    engineFile(PACKAGE),
    extrasFile(PACKAGE),
    seatsFile(PACKAGE),
    bundle(PACKAGE, { 'embed-api': join(HERE, 'src/embed/remote.ts') }, {}),
    bundle(
      PACKAGE,
      { react: join(HERE, 'src/react/openair-player.tsx') },
      {
        jsx: 'automatic',
        external: ['react', 'react/jsx-runtime', './index.js'],
        plugins: [ownIndex],
        banner: { js: "'use client';" },
      },
    ),
  ]);
  return made.flat();
}

/** React's form is a thin file beside the element, not a second copy of it. */
const ownIndex = {
  name: 'own-index',
  setup(on) {
    on.onResolve({ filter: /\/define\.ts$/ }, () => ({ path: './index.js', external: true }));
  },
};

/** Types beside the bundles; relative imports name the files as they are published. */
function writeTypes() {
  const tsc = join(HERE, '../node_modules/typescript-native/bin/tsc');
  const done = spawnSync(
    process.execPath,
    [tsc, '-p', join(HERE, 'tsconfig.types.json'), '--outDir', join(PACKAGE, 'types')],
    {
      encoding: 'utf8',
    },
  );
  if (done.status !== 0) throw new Error(`The types were not made:\n${done.stdout}${done.stderr}`);
  const types = join(PACKAGE, 'types');
  for (const name of readdirSync(types, { recursive: true })) {
    const file = join(types, String(name));
    if (!file.endsWith('.d.ts')) continue;
    writeFileSync(
      file,
      readFileSync(file, 'utf8').replace(/((?:from|import\() ?['"]\.[^'"]*)\.tsx?(['"])/g, '$1.js$2'),
    );
  }
}

function write(folder, files) {
  rmSync(folder, { recursive: true, force: true });
  for (const { path, text } of files) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv.includes('--package')) {
    write(PACKAGE, await filesForPackage());
    writeTypes();
  } else {
    write(PAGES, await filesForPages());
  }
}
