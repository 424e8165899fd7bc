import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { ImagePlan } from '../../../plan.ts';
import { Spool } from '../spool.ts';
import { type Bucket, Storage } from '../storage.ts';
import { ImageMaker, type Size } from './image-maker.ts';
import { PictureLine } from './picture-line.ts';

export type RequestImagesPlan = {
  egressId: string;
  program: Size & { fps: number };
  spoolFolder?: string;
};

const SPOOL_BYTES = 64 * 1024 * 1024;
/** With what the show itself is given at its end this has to stay below the supervisor's 30 s. */
const DRAIN_MS = 5_000;
const INDEX_FIGURES = 5;

/** The object key of a picture, by LiveKit's rules. @param atMs wall clock at which it was taken */
export function imageKey(
  { prefix, suffix, extension }: Pick<ImagePlan, 'prefix' | 'suffix' | 'extension'>,
  number: number,
  atMs: number,
): string {
  if (suffix === 'none-overwrite') return `${prefix}${extension}`;
  if (suffix === 'index') return `${prefix}_${String(number).padStart(INDEX_FIGURES, '0')}${extension}`;
  return `${prefix}_${new Date(atMs).toISOString().replace(/\D/g, '')}${extension}`;
}

/**
 * The images output of a LiveKit request: a picture every `intervalS` in the asked storage under the asked names.
 * @param onCount told after each stored one which it is and how many there are, those of an earlier writer included where numbers tell of them
 */
export async function openRequestImages(
  image: ImagePlan,
  plan: RequestImagesPlan,
  onCount: (count: number, newest: { key: string; atMs: number }) => void,
  bucket: Bucket,
  log: Logger,
): Promise<PictureLine> {
  const { program, egressId, spoolFolder } = plan;
  const spool = new Spool(
    join(spoolFolder ?? tmpdir(), `openair-spool-${egressId}-images-${image.index}`),
    SPOOL_BYTES,
  );
  let stored = 0;
  const told = {
    onStored: (key: string) => onCount(++stored, { key, atMs: Date.now() }),
    onLost: () => log.warn('an image could not be kept'),
  };
  const storage = new Storage(bucket, spool, told, log);
  const size = { width: image.width || program.width, height: image.height || program.height };
  const maker = await ImageMaker.open(program, size, image.extension === '.png' ? 'png' : 'jpeg');
  let number = image.suffix === 'index' ? await firstFree((n) => storage.get(imageKey(image, n, 0))) : 0;
  stored = number;
  let nextS = 0;
  return new PictureLine({
    fps: program.fps,
    isDue({ atS }) {
      if (atS < nextS) return false;
      nextS = Math.max(nextS + image.intervalS, atS);
      return true;
    },
    async take(frame) {
      const atMs = Date.now();
      const bytes = await maker.make(frame);
      const key = imageKey(image, number++, atMs);
      if (image.suffix !== 'none-overwrite') return storage.put(key, bytes);
      storage.replace(key, bytes);
      onCount(++stored, { key, atMs });
    },
    async onClose() {
      await storage.drain(DRAIN_MS);
      await storage.close('ended');
      // Nobody would look for them: pictures that storage did not take until now are gone.
      await spool.clear();
      maker.close();
    },
    log,
  });
}

/** The first number of which there is no object; numbers are given without gaps. While storage is away it is 0. */
export async function firstFree(get: (number: number) => Promise<unknown>): Promise<number> {
  const isThere = async (number: number) => (await get(number).catch(() => null)) !== null;
  if (!(await isThere(0))) return 0;
  let [last, free] = [0, 1];
  while (await isThere(free)) [last, free] = [free, free * 2];
  while (free - last > 1) {
    const middle = (last + free) >> 1;
    if (await isThere(middle)) last = middle;
    else free = middle;
  }
  return free;
}
