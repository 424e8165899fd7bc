import type { NextConfig } from 'next';
import createNextIntlPlugin from 'next-intl/plugin';

const withNextIntl = createNextIntlPlugin('./app/_ui/i18n/request.ts');

const config: NextConfig = {
  reactStrictMode: true,
  poweredByHeader: false,
  // The edge compresses; doing it twice costs CPU.
  compress: false,
  // `npm run lint` checks types with the native compiler in half a second; the build need not do it again for a minute.
  typescript: { ignoreBuildErrors: true },
  // An install's build lies in its home, so that two installs never share one.
  distDir: process.env.OPENAIR_BUILD_DIR ?? '.next',
  serverExternalPackages: ['pino', 'pg', 'ioredis', 'bullmq', 'minio', 'better-auth', 'livekit-server-sdk'],
};

export default withNextIntl(config);
