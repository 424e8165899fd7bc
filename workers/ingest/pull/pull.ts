import type { Logger } from 'pino';
import type { MediaTaker, Publisher } from '../rtmp/publisher.ts';
import type { IngestTarget } from '../service/ports.ts';
import type { LiveIngest } from '../supervise/live-ingest.ts';
import type { LiveIngests } from '../supervise/live-ingests.ts';
import { type OpenedSource, openSource } from './open-source.ts';
import type { PullUrl } from './pull-url.ts';
import type { SourceEnd } from './source/messages.ts';
import type { SourceProcesses } from './source-process.ts';
import { ForbiddenTarget, type TargetGuard } from './target-guard.ts';

/** Pauses between tries, ms; the last one repeats. */
const RETRY_MS = [1_000, 2_000, 4_000, 8_000, 15_000, 30_000] as const;
/** A source that never played is given up after so many tries; one that did, after so long. */
const TRIES_WITHOUT_MEDIA = 5;
const GIVE_UP_AFTER_MS = 10 * 60_000;
/** A source that sends nothing for so long is opened anew, ms. */
const STALLED_AFTER_MS = 12_000;

const WORDS: Record<SourceEnd, string> = {
  finished: 'The source has ended.',
  'not-found': 'There is nothing at this address (404).',
  forbidden: 'The server does not allow us to read this address.',
  refused: 'The server does not answer, or refuses the connection.',
  silent: 'The server does not answer in time.',
  'server-error': 'The server has an error of its own.',
  'not-media': 'What lies at this address is no stream or film that can be read.',
  'unsupported-codec': 'Its codecs are not supported: H.264, HEVC, AV1 or VP9 with AAC, MP3 or Opus are.',
  lost: 'The connection to the source was lost.',
};
/** Trying again cannot cure these. */
const FINAL: ReadonlySet<SourceEnd> = new Set(['not-media', 'unsupported-codec']);

export type PullDeps = {
  ingests: Pick<LiveIngests, 'join'>;
  guard: TargetGuard;
  log: Logger;
  processes: SourceProcesses;
  /** Replaced in tests. */
  open?: typeof openSource;
};

/** One source that is pulled into a room: opened, watched, opened again, until it ends or is ended. */
export class Pull {
  private source: OpenedSource | null = null;
  private taker: MediaTaker | null = null;
  private ingest: LiveIngest | null = null;
  private tries = 0;
  private hasPlayed = false;
  private lastTagAtMs = performance.now();
  private openedAtMs = 0;
  private timer: NodeJS.Timeout | null = null;
  private isOver = false;

  constructor(
    private readonly target: IngestTarget,
    private readonly from: PullUrl,
    private readonly deps: PullDeps,
  ) {}

  /** @returns the ingest, or a sentence when this worker has no room for it */
  begin(): LiveIngest | string {
    const publisher: Publisher = {
      address: this.from.host,
      agent: 'The source',
      end: (reason) => this.end(reason),
      pause: () => this.source?.process.pause(),
      resume: () => this.source?.process.resume(),
      heldUpMs: () => this.source?.process.heldUpMs ?? 0,
    };
    const answer = this.deps.ingests.join(this.target, 'url', publisher, 'primary');
    if (!answer.ok) return answer.sentence;
    this.taker = answer.taker;
    this.ingest = answer.ingest;
    void this.open();
    return answer.ingest;
  }

  private async open(): Promise<void> {
    if (this.isOver) return;
    this.tries += 1;
    const isFirst = !this.hasPlayed && this.tries === 1;
    // Its clock and its configuration begin anew.
    if (!isFirst) this.ingest?.beginAnew();
    this.openedAtMs = performance.now();
    try {
      const source = await (this.deps.open ?? openSource)(
        this.from,
        this.deps.guard,
        {
          onOpened: () => undefined,
          onTag: (type, timestampMs, body) => {
            this.lastTagAtMs = performance.now();
            if (!this.hasPlayed || this.tries > 0) this.playing();
            this.taker?.onTag(type, timestampMs, body);
          },
          onOver: (end) => this.ended(end),
        },
        this.deps.processes,
      );
      if (this.isOver) source.close();
      else {
        this.source = source;
        this.timer = setInterval(() => this.watch(), 1_000);
      }
    } catch (error) {
      if (error instanceof ForbiddenTarget) this.fail(error.message);
      else this.again('The name of this server cannot be found.');
    }
  }

  private playing(): void {
    this.hasPlayed = true;
    this.tries = 0;
  }

  private watch(): void {
    if (performance.now() - Math.max(this.lastTagAtMs, this.openedAtMs) > STALLED_AFTER_MS) this.ended('silent');
  }

  private ended(end: SourceEnd): void {
    const refusal = this.source?.refusal() ?? null;
    this.letGo();
    if (this.isOver) return;
    if (refusal !== null) this.fail(refusal);
    else if (end === 'finished' && this.hasPlayed)
      this.finish({ state: 'idle', sentence: WORDS.finished, isComplete: true });
    else if (FINAL.has(end)) this.fail(WORDS[end]);
    else this.again(WORDS[end]);
  }

  private again(sentence: string): void {
    const isHopeless = this.hasPlayed
      ? performance.now() - this.lastTagAtMs > GIVE_UP_AFTER_MS
      : this.tries >= TRIES_WITHOUT_MEDIA;
    if (isHopeless) {
      this.fail(sentence);
      return;
    }
    const pauseMs = RETRY_MS[Math.min(Math.max(this.tries, 1), RETRY_MS.length) - 1] ?? 1_000;
    const { ingressId } = this.target;
    this.deps.log.warn({ ingressId, try: this.tries, pauseMs, reason: sentence }, 'pull: the source is asked again');
    this.ingest?.tellWaiting(`${sentence} It is tried again in ${Math.round(pauseMs / 1000)} s.`);
    this.timer = setTimeout(() => void this.open(), pauseMs);
  }

  private fail(sentence: string): void {
    this.finish({ state: 'failed', sentence, error: sentence });
  }

  private finish(last: Parameters<LiveIngest['end']>[1]): void {
    this.end(last?.sentence ?? '');
    this.ingest?.end(last?.sentence ?? 'over', last);
  }

  /** The ingest was ended: by LiveKit, by an owner, or by us. */
  private end(reason: string): void {
    if (this.isOver) return;
    this.isOver = true;
    this.letGo();
    this.deps.log.info({ ingressId: this.target.ingressId, reason }, `pull: over: ${reason}`);
  }

  private letGo(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    this.source?.close();
    this.source = null;
  }
}
