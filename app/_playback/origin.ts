import type { Server } from 'node:http';
import type { Logger } from 'pino';
import type { FeedReader } from '#core/playback/feed-reader';
import type { SignGrant } from '#core/playback/playback-grant';
import type { Revocations } from '#core/playback/revocations';
import type { ShowRegistry } from '#core/playback/show';
import type { MediaStorage } from '#core/recording/media-storage';
import type { Clock } from '#core/shared/clock';
import type { Audience } from '#core/viewer/audience';
import type { QualityBook } from '#core/viewer/quality-book';
import { LentMedia } from './lent-media.ts';
import { createMetrics } from './metrics.ts';
import { OpenShows } from './open-shows.ts';
import { QualityDesk } from './quality-desk.ts';
import { createQualityMetrics } from './quality-metrics.ts';
import { SegmentCache } from './segment-cache.ts';
import { createPlaybackServer } from './server.ts';
import { ShowDesk } from './show-desk.ts';
import { cutSlowClients, SLOW_CLIENTS, type SlowClientRule } from './slow-clients.ts';

export type OriginServices = {
  feed: FeedReader;
  shows: ShowRegistry;
  revocations: Revocations;
  audience: Audience;
  qualityBook: QualityBook;
  storage: MediaStorage;
  signGrant: SignGrant;
  clock: Clock;
};

export type OriginSettings = {
  /** How far back a live playlist goes, s. */
  dvrS: number;
  /** Parts in memory, ms behind the edge; as long as the feed keeps them. */
  keepPartsMs: number;
  /** Bytes of stored media in memory. */
  cacheBytes: number;
  /** Bytes of stored media that clients have asked for and not yet taken. */
  lentBytes: number;
  slowClients: SlowClientRule;
  /** How often what viewers report is written, ms. */
  qualityFlushMs: number;
  /** How long a reader without requests is kept, ms. */
  idleMs: number;
};

export const DEFAULT_ORIGIN: OriginSettings = {
  dvrS: 1800,
  keepPartsMs: 30_000,
  cacheBytes: 256 * 1024 * 1024,
  lentBytes: 256 * 1024 * 1024,
  slowClients: SLOW_CLIENTS,
  qualityFlushMs: 5000,
  idleMs: 60_000,
};

/** One media origin: any number may run, none is special, and each may be killed at any moment. */
export function createOrigin(
  services: OriginServices,
  settings: OriginSettings,
  log: Logger,
): { server: Server; close(): Promise<void> } {
  const metrics = createMetrics();
  const { storage, feed } = services;
  const onTrouble = (error: unknown) => log.warn({ err: error }, 'playback');
  const stored = new SegmentCache((key) => storage.get(key), {
    maxBytes: settings.cacheBytes,
    count: (what) => metrics.cache.inc({ what }),
  });
  const shows = new OpenShows(
    {
      reader: feed,
      stored,
      storage,
      settings,
      onPart: (lagMs) => metrics.partLag.observe(Math.max(0, lagMs) / 1000),
      onTrouble,
    },
    settings.idleMs,
  );
  const desk = new ShowDesk({
    registry: services.shows,
    revocations: services.revocations,
    sign: services.signGrant,
    clock: services.clock,
    onTrouble,
  });
  const lent = new LentMedia(settings.lentBytes);
  metrics.observe(shows, stored, lent);
  const { audience, clock, qualityBook: book } = services;
  const quality = new QualityDesk(
    { audience, book, clock, metrics: createQualityMetrics(metrics.registry), onTrouble },
    settings.qualityFlushMs,
  );
  const server = createPlaybackServer({ desk, shows, stored, storage, lent, quality, audience, clock, metrics, log });
  const stopCutting = cutSlowClients(server, settings.slowClients, () => metrics.cut.inc());
  const close = async () => {
    stopCutting();
    shows.close();
    await quality.close();
  };
  return { server, close };
}
