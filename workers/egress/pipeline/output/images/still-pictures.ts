import type { Logger } from 'pino';
import type { EgressPlan, FromPipeline } from '../../../plan.ts';
import type { ProgramPicture, ProgramSink } from '../../program-sink.ts';
import { openPlanBucket, type StorageTrouble } from '../plan-bucket.ts';
import type { PictureLine } from './picture-line.ts';
import { openRequestImages } from './request-images.ts';
import { type ImageStore, openShowImages } from './show-images.ts';

/**
 * All still pictures of an egress: thumbnail and storyboard of one of our own shows, and the images that a LiveKit request asks for.
 * They open beside the show: nothing waits for them, what cannot be opened is told and left out, and no trouble of theirs ends anything.
 */
export class StillPictures implements ProgramSink {
  readonly #lines: PictureLine[] = [];
  readonly #opening: Promise<unknown>;

  /** @param show where a show's own pictures go, and how much of it earlier writers left; null when nothing is stored */
  constructor(
    plan: EgressPlan,
    show: { beside: ImageStore; earlierS: number } | null,
    { send, troubles }: { send(message: FromPipeline): void; troubles: { of(output: string): StorageTrouble } },
    log: Logger,
  ) {
    const { program, egressId, spoolFolder, images } = plan;
    const playbackId = plan.segments?.playbackId;
    const work = images.map(async (image) => {
      const onCount = (count: number, newest: { key: string; atMs: number }) =>
        send({ t: 'images', index: image.index, count, ...newest });
      const bucket = openPlanBucket(image.storage, troubles.of(`images ${image.index}`));
      return [await openRequestImages(image, { egressId, program, spoolFolder }, onCount, bucket, log)];
    });
    if (show && playbackId) work.push(openShowImages({ playbackId, program, baseS: show.earlierS }, show.beside, log));
    const add = (opened: PictureLine[]) => this.#lines.push(...opened);
    const tell = (error: unknown) => log.error({ err: String(error) }, 'still pictures cannot be made');
    this.#opening = Promise.all(work.map((one) => one.then(add, tell)));
  }

  picture(picture: ProgramPicture): void {
    for (const line of this.#lines) line.picture(picture);
  }

  async close(): Promise<void> {
    await this.#opening;
    await Promise.all(this.#lines.map((line) => line.close()));
  }
}
