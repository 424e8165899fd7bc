import { performance } from 'node:perf_hooks';
import type { ServiceLog } from '#bus/service-log';
import type { IngestProtocol, IngestTarget } from '../service/ports.ts';
import type { Kept } from '../supervise/sequence-headers.ts';
import { InputRecorder } from './input-recorder.ts';
import { HeldBytes } from './piece-queue.ts';
import type { RecordingStand } from './recording.ts';
import type { RecordingDesk } from './recording-desk.ts';

/** All recordings of a worker together may hold so much while storage is away: about two minutes of six streams. */
const HELD_BYTES = 192 * 1024 * 1024;

/** Takes what one ingest passes on. Never throws, never waits: the live path knows nothing of storage. */
export type InputTap = {
  encoderChanged(agent: string): void;
  take(tag: Kept): void;
  rest(): void;
  end(): void;
  /** Null where nothing is being recorded. */
  stand(): RecordingStand | null;
};

const NO_TAP: InputTap = {
  encoderChanged: () => undefined,
  take: () => undefined,
  rest: () => undefined,
  end: () => undefined,
  stand: () => null,
};

/** The recordings of this worker. */
export class Recorders {
  private readonly ending = new Set<Promise<void>>();
  private readonly held: HeldBytes;

  constructor(private readonly deps: { desk: RecordingDesk; log: ServiceLog; heldBytes?: number }) {
    this.held = new HeldBytes(deps.heldBytes ?? HELD_BYTES);
  }

  /** A tap for an ingest: one that does nothing where nothing is to be recorded. */
  open(target: IngestTarget, protocol: IngestProtocol): InputTap {
    if (!target.record || target.channelId === null) return NO_TAP;
    const { desk, log } = this.deps;
    const recorder = new InputRecorder(target, protocol, { desk, log, held: this.held });
    let hasFailed = false;
    const guarded = (work: () => void) => {
      if (hasFailed) return;
      try {
        work();
      } catch (error) {
        hasFailed = true;
        log.error({ err: error, ingressId: target.ingressId }, 'a recording failed; the stream goes on without it');
        this.finish(recorder);
      }
    };
    return {
      encoderChanged: (agent) => guarded(() => recorder.encoderChanged(agent)),
      take: ({ type, timestampMs, body }) => guarded(() => recorder.take(type, timestampMs, body, performance.now())),
      rest: () => guarded(() => recorder.rest()),
      end: () => guarded(() => this.finish(recorder)),
      stand: () => recorder.stand,
    };
  }

  /** Resolves when all that ended is stored, or `timeoutMs` has passed. */
  async flush(timeoutMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, timeoutMs);
    });
    await Promise.race([Promise.all(this.ending), late]);
    clearTimeout(timer);
  }

  private finish(recorder: InputRecorder): void {
    const ending = recorder
      .end()
      .catch((error: unknown) => this.deps.log.error({ err: error }, 'a recording could not be ended'))
      .finally(() => this.ending.delete(ending));
    this.ending.add(ending);
  }
}
