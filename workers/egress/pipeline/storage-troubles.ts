import type { EgressPlan, EndCause, FromPipeline } from '../plan.ts';
import type { StorageTrouble } from './output/plan-bucket.ts';

type Events = { send(message: FromPipeline): void; ended(cause: EndCause, error: string | null): void };

/**
 * What troubles of storage mean for an egress. Storage that is away ends nothing. One that refuses for good (wrong bucket, wrong key) is
 * told at once: when nothing else is sent anywhere the egress ends, else it goes on and is failed at its end.
 */
export class StorageTroubles {
  readonly #plan: EgressPlan;
  readonly #pushes: { readonly size: number };
  readonly #events: Events;
  readonly #refused = new Set<string>();
  #usedBackup = false;
  /** The first refusal, in a person's words. */
  problem: string | null = null;

  /** @param pushes the destinations of now: they come and go while it runs */
  constructor(plan: EgressPlan, pushes: { readonly size: number }, events: Events) {
    this.#plan = plan;
    this.#pushes = pushes;
    this.#events = events;
  }

  /** @param output `segments`, `file 0`, `images 1` */
  of(output: string): StorageTrouble {
    return {
      onBackup: () => {
        if (!this.#usedBackup) this.#events.send({ t: 'backup-used' });
        this.#usedBackup = true;
      },
      onRefused: (sentence) => {
        this.problem ??= sentence;
        this.#refused.add(output);
        if (this.#isUseless()) this.#events.ended('storage-refused', this.problem);
      },
    };
  }

  #isUseless(): boolean {
    const { segments, files, images, websocketUrl } = this.#plan;
    if (this.#pushes.size > 0 || websocketUrl !== null || segments?.playbackId) return false;
    return this.#refused.size === files.length + images.length + (segments ? 1 : 0);
  }
}
