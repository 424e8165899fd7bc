import type { PushPlan } from '../plan.ts';
import type { AudioPacket } from './encode/audio.ts';
import { SAMPLE_RATE } from './encode/audio.ts';
import type { VideoPacket } from './encode/video.ts';
import { PushSet, type PushSetDeps } from './output/push/push-set.ts';

/**
 * The destinations of an egress. They are added and removed from the process's first moment on; connections are made once the encoders
 * are there, which takes seconds on a busy machine and minutes for a page that says itself when it begins.
 */
export class PushLine {
  /** What is wished for until `begin`; by id. */
  readonly #wished: Map<string, PushPlan>;
  readonly #fps: number;
  #set: PushSet | null = null;

  /** @param fps of the program: pictures are counted in it */
  constructor(pushes: readonly PushPlan[], fps: number) {
    this.#wished = new Map(pushes.map((push) => [push.id, push]));
    this.#fps = fps;
  }

  /** How many are wished for just now. */
  get size(): number {
    return this.#set?.size ?? this.#wished.size;
  }

  add(push: PushPlan): void {
    if (this.#set) this.#set.add(push);
    else this.#wished.set(push.id, push);
  }

  remove(id: string): void {
    if (this.#set) this.#set.remove(id);
    else this.#wished.delete(id);
  }

  begin(deps: PushSetDeps): void {
    this.#set = new PushSet(deps);
    for (const push of this.#wished.values()) this.#set.add(push);
    this.#wished.clear();
  }

  /** A picture of the top rung. */
  video({ pts, key, data }: VideoPacket): void {
    this.#set?.video({ ms: (pts * 1000) / this.#fps, key, data });
  }

  audio({ pts, data }: AudioPacket): void {
    this.#set?.audio({ ms: (pts * 1000) / SAMPLE_RATE, data });
  }

  async close(): Promise<void> {
    await this.#set?.close();
  }
}
