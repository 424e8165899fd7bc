import type { LateUpload } from '#core/playback/live-feed';
import { LATE_UPLOADS_KEY } from '#core/playback/live-feed';
import type { LateUploadOrder, LateUploadReport } from '../late-upload.ts';
import { openLog } from './log.ts';
import { connectFeedRedis } from './output/live-feed.ts';
import { openBucket } from './output/s3.ts';
import { Spool } from './output/spool.ts';
import { Storage } from './output/storage.ts';

/**
 * The process that brings into storage what an egress could not store before it ended. Started by the service for one folder;
 * ends when all of it is stored, or with its parent: the folder stays for the next one. Loads no native library.
 */
const TELL_EVERY_MS = 2000;

async function store({ folder, note, redisUrl, logLevel }: LateUploadOrder): Promise<void> {
  const { egressId, playbackId } = note;
  const log = openLog(egressId, logLevel);
  const redis = connectFeedRedis(redisUrl);
  redis.on('error', () => {});
  const events = { onStored: () => {}, onLost: (key: string) => log.warn({ key }, 'an object could not be kept') };
  const storage = new Storage(openBucket(note.storage), new Spool(folder, Number.POSITIVE_INFINITY), events, log);

  async function tell(waiting: number): Promise<void> {
    const report: LateUploadReport = { t: 'waiting', waiting };
    if (process.connected) process.send?.(report);
    const upload: LateUpload = { waiting, atMs: Date.now() };
    if (playbackId) await redis.hset(LATE_UPLOADS_KEY, playbackId, JSON.stringify(upload));
  }

  await storage.adopt();
  log.info({ objects: storage.waiting }, 'storing what an ended egress left');
  while (!(await storage.drain(TELL_EVERY_MS))) await tell(storage.waiting).catch(() => {});
  await storage.close('ended');
  // The recording is closed once more by this word: it has to be heard.
  for (let told = false; !told; ) {
    told = await tell(0).then(
      () => true,
      () => new Promise<false>((resolve) => setTimeout(() => resolve(false), TELL_EVERY_MS)),
    );
  }
  log.info('all of an ended egress is stored');
  redis.disconnect();
  setTimeout(() => process.exit(0), 50);
}

process.once('message', (message: LateUploadOrder) => {
  store(message).catch((error: unknown) => {
    openLog(message.note.egressId).error({ err: String(error) }, 'the rest of an ended egress cannot be stored now');
    setTimeout(() => process.exit(1), 50);
  });
});
process.on('disconnect', () => process.exit(1));
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});
