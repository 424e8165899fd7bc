import type { Logger } from 'pino';
import type { RoomMetadata } from '#core/scene/scene';
import type { EgressPlan, FromPipeline, PipelineFacts } from '../../plan.ts';
import type { ProgramPicture, ProgramSink } from '../program-sink.ts';
import { Scaler } from '../scaler.ts';
import { Glimpse } from './glimpse.ts';
import { openSeats, seatRoomOf } from './seats/open-seats.ts';
import type { Seats } from './seats/seats.ts';

const TELL_EVERY_MS = 5_000;

/** Everything fed with the program beside the encoders: the operator's glimpse, the WebRTC seats, and what is added. */
export class SideSinks implements ProgramSink {
  readonly #plan: EgressPlan;
  readonly #log: Logger;
  readonly #glimpse: Glimpse;
  readonly #seats: Seats | null;
  readonly #all: ProgramSink[];
  #troubledAt = Number.NEGATIVE_INFINITY;

  constructor(plan: EgressPlan, { send, log }: { send(message: FromPipeline): void; log: Logger }) {
    this.#plan = plan;
    this.#log = log;
    this.#glimpse = new Glimpse((jpeg) => send({ t: 'picture', jpeg }));
    const openScaler = (...sizes: ConstructorParameters<typeof Scaler>) => new Scaler(...sizes);
    this.#seats = openSeats(plan, { askRoom: (wanted) => send({ t: 'seats', wanted }), openScaler, log });
    this.#all = this.#seats ? [this.#glimpse, this.#seats] : [this.#glimpse];
  }

  add(sink: ProgramSink): void {
    this.#all.push(sink);
  }

  /** The room's metadata was read: seats may begin or end. */
  sceneRead(metadata: RoomMetadata): void {
    this.#seats?.want(seatRoomOf(this.#plan, metadata));
  }

  /** Whether this worker has the cores for the WebRTC program. */
  allowSeats(allowed: boolean): void {
    this.#seats?.allow(allowed);
  }

  /** Sends a small picture of the program, with the next tick; sound alone has none. */
  askPicture(): void {
    this.#glimpse.ask();
  }

  facts(): PipelineFacts['outputs'] {
    return this.#seats?.facts() ?? [];
  }

  picture(picture: ProgramPicture): void {
    for (const sink of this.#all) this.#feed(() => sink.picture?.(picture));
  }

  sound(block: Float32Array, pts: number): void {
    for (const sink of this.#all) this.#feed(() => sink.sound?.(block, pts));
  }

  async close(): Promise<void> {
    const closed = await Promise.allSettled(this.#all.map((sink) => sink.close()));
    for (const one of closed) {
      if (one.status === 'rejected')
        this.#log.error({ err: String(one.reason) }, 'something beside the show did not close');
    }
  }

  /** What is beside the show takes nothing from it: neither a tick nor the other sinks. */
  #feed(feed: () => void): void {
    try {
      feed();
    } catch (error) {
      const nowMs = performance.now();
      if (nowMs - this.#troubledAt < TELL_EVERY_MS) return;
      this.#troubledAt = nowMs;
      this.#log.error({ err: String(error) }, 'something beside the show cannot take the program');
    }
  }
}
