import type { Logger } from 'pino';
import { mediaKeys } from '#core/playback/live-feed';
import { ImageMaker, type Size } from './image-maker.ts';
import { PictureLine } from './picture-line.ts';
import { Sheet } from './sheet.ts';
import {
  type Cue,
  readStoryboard,
  renderStoryboard,
  stepAfter,
  TILES_A_SHEET,
  tileAt,
  tileSize,
} from './storyboard.ts';

/** Where the pictures go: the egress's storage, which tries again and never makes anybody wait. */
export type ImageStore = { replace(key: string, bytes: Buffer): void; get(key: string): Promise<Buffer | null> };

export type ShowImagesPlan = {
  playbackId: string;
  program: Size & { fps: number };
  /** Where this process's first picture lies in the playlist, s: what earlier writers of the show left. */
  baseS: number;
};

const THUMB_WIDTH = 640;
const THUMB_EVERY_S = 5;
/** The first frames of a source are often black. */
const THUMB_AFTER_S = 1;

/** The pictures of one of our own shows: its live thumbnail, and the storyboard that grows with it. */
export async function openShowImages(plan: ShowImagesPlan, store: ImageStore, log: Logger): Promise<PictureLine[]> {
  return [await openThumbnail(plan, store, log), await openStoryboard(plan, store, log)];
}

/**
 * `thumb.jpg`, replaced every few seconds. Once a source was shown the slate never takes its place: after the end the show's card has
 * a picture of the show.
 */
async function openThumbnail(plan: ShowImagesPlan, store: ImageStore, log: Logger): Promise<PictureLine> {
  const { program, playbackId } = plan;
  const width = Math.min(THUMB_WIDTH, program.width);
  const height = Math.max(2, Math.round((width * program.height) / program.width / 2) * 2);
  const maker = await ImageMaker.open(program, { width, height }, 'jpeg');
  const key = mediaKeys.thumbnail(playbackId);
  // A show that was taken over has its picture already.
  let hadSource = plan.baseS > 0;
  let nextS = 0;
  let sourceSinceS: number | null = null;
  return new PictureLine({
    fps: program.fps,
    isDue({ atS, showsSource }) {
      sourceSinceS = showsSource ? (sourceSinceS ?? atS) : null;
      if (showsSource && !hadSource && atS - (sourceSinceS ?? atS) >= THUMB_AFTER_S) {
        hadSource = true;
        nextS = atS;
      }
      if (atS < nextS || showsSource !== hadSource) return false;
      nextS = atS + THUMB_EVERY_S;
      return true;
    },
    async take(frame) {
      store.replace(key, await maker.make(frame));
    },
    onClose: async () => maker.close(),
    log,
  });
}

/**
 * `storyboard-N.jpg` and `storyboard.vtt`. Made here and not after the show: the pictures are at hand without decoding anything, viewers
 * can seek by them while it is live, and what is stored outlives a crash; a successor begins a new sheet behind the old ones.
 */
async function openStoryboard(plan: ShowImagesPlan, store: ImageStore, log: Logger): Promise<PictureLine> {
  const { program, playbackId, baseS } = plan;
  const size = tileSize(program);
  const sheet = await Sheet.open(program, size);
  /** What an earlier writer left; null until storage has said it: nothing is written before, since it would go over the old ones. */
  let earlier: Cue[] | null = baseS > 0 ? null : [];
  const own: Cue[] = [];
  let nextS = 0;
  return new PictureLine({
    fps: program.fps,
    isDue({ atS }) {
      if (atS < nextS) return false;
      nextS = atS + stepAfter(baseS + atS);
      return true;
    },
    async take(frame, atS) {
      earlier ??= await readEarlier(store, playbackId);
      const firstSheet = (earlier.at(-1)?.sheet ?? -1) + 1;
      const place = tileAt(own.length, firstSheet, size);
      if (own.length % TILES_A_SHEET === 0) sheet.clear();
      await sheet.put(frame, place);
      const bytes = await sheet.encode();
      own.push({ atS: baseS + atS, ...place });
      // The sheet first: a cue never names a picture that is not there.
      store.replace(mediaKeys.storyboard(playbackId, place.sheet), bytes);
      store.replace(mediaKeys.storyboardTrack(playbackId), Buffer.from(renderStoryboard([...earlier, ...own])));
    },
    onClose: async () => sheet.close(),
    log,
  });
}

/** @throws while storage is away */
async function readEarlier(store: ImageStore, playbackId: string): Promise<Cue[]> {
  const text = await store.get(mediaKeys.storyboardTrack(playbackId));
  return text ? readStoryboard(text.toString()) : [];
}
