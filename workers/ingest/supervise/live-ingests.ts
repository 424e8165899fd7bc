import type { Logger } from 'pino';
import type { EncodingWish } from '../publish/encoding-wish.ts';
import { transcodeCores } from '../publish/transcode-cost.ts';
import type { Recorders } from '../record/recorders.ts';
import type { PublishAnswer, Publisher } from '../rtmp/publisher.ts';
import type { IngestProtocol, IngestReports, IngestTarget, IngressCommands, KeyLookup } from '../service/ports.ts';
import type { TranscodeAdmission } from './admission.ts';
import type { LaneName } from './choose-lane.ts';
import { LiveIngest } from './live-ingest.ts';
import type { MediaChildren } from './media-child.ts';
import { type Occupancy, TAKEN_OVER } from './occupancy.ts';
import type { RoomService } from './room-service.ts';

export const WRONG_KEY = 'Wrong stream key. Copy it again from the studio.';
export const LOOK_UP_FAILED = 'The stream key cannot be checked at the moment. Try again in a few seconds.';
export const WORKER_FULL = 'This server takes no more encoders at the moment. Try again later.';
const USUAL_FPS = 30;
/** Storage that is away when the worker ends costs what was not stored: nobody waits longer for it. */
const RECORDINGS_FLUSH_MS = 4_000;
const WORKER_ENDS = 'the server is being restarted';

export type JoinAnswer =
  | (Extract<PublishAnswer, { ok: true }> & { ingest: LiveIngest })
  | { ok: false; sentence: string };

/** All ingests of this worker that have a media process: decides who may publish and joins connections to ingests. */
export class LiveIngests {
  private readonly live = new Map<string, LiveIngest>();
  private readonly leaving = new Set<LiveIngest>();
  private isClosing = false;

  constructor(
    private readonly deps: {
      keys: KeyLookup;
      reports: IngestReports;
      commands: IngressCommands;
      rooms: RoomService;
      children: MediaChildren;
      recorders: Recorders;
      occupancy: Occupancy;
      log: Logger;
      graceMs: number;
      maxIngests: number;
      admission: Pick<TranscodeAdmission, 'ask'>;
      heldUp: { totalMs(): number };
    },
  ) {}

  /** The answer to an encoder: refused at once with a sentence, or the ingest that takes its media. */
  async admit(
    wish: { streamKey: string; isBackup: boolean; protocol: IngestProtocol },
    publisher: Publisher,
  ): Promise<PublishAnswer> {
    const { streamKey, protocol } = wish;
    const target = await this.deps.keys.resolve({ streamKey, protocol, address: publisher.address });
    if (target === 'unknown') return { ok: false, sentence: WRONG_KEY };
    if (target === 'unavailable') return { ok: false, sentence: LOOK_UP_FAILED };
    if ('refused' in target) return { ok: false, sentence: target.refused };
    return this.join(target, protocol, publisher, wish.isBackup ? 'backup' : 'primary');
  }

  /** Joins a source to its ingest, which is made when it is the first one. */
  join(target: IngestTarget, protocol: IngestProtocol, publisher: Publisher, lane: LaneName): JoinAnswer {
    const { occupancy, log } = this.deps;
    if (this.isClosing) return { ok: false, sentence: WORKER_FULL };
    const known = this.live.get(target.ingressId);
    if (!known && this.live.size >= this.deps.maxIngests) return { ok: false, sentence: WORKER_FULL };
    // An encoding that the ingress asks for is certain before anything has come.
    const { encoded, refused } = known ? { encoded: target, refused: '' } : this.admitEncoding(target);
    if (refused) {
      log.warn({ ingressId: target.ingressId }, `ingest: refused: ${refused}`);
      return { ok: false, sentence: `The picture has to be transcoded, and ${refused}. Try again later.` };
    }
    const ingest = known ?? this.open(encoded, protocol);
    const isSharing = known !== undefined && !known.isAlive(lane);
    const refusal = occupancy.take(target.ingressId, ingest, { secondEncoder: target.secondEncoder, isSharing });
    if (refusal !== null) {
      log.warn({ ingressId: target.ingressId, address: publisher.address }, 'ingest: a second encoder was refused');
      if (!known) ingest.end('the key is in use');
      return { ok: false, sentence: refusal };
    }
    return { ok: true, ingressId: target.ingressId, ingest, taker: ingest.attach(publisher, lane, TAKEN_OVER) };
  }

  /** Leave for what has to be encoded: in all its sizes, or in the largest alone where there is no processor for more. */
  private admitEncoding(target: IngestTarget): { encoded: IngestTarget; refused: string } {
    const { admission, log } = this.deps;
    const { video } = target.wishes;
    const refused = video ? admission.ask(costOf(video)) : '';
    if (video === null || refused === '' || video.layers.length === 0) return { encoded: target, refused };
    log.warn({ ingressId: target.ingressId }, `ingest: sent in one size, for ${refused}`);
    const largest = { ...video, layers: [] };
    const encoded = { ...target, wishes: { ...target.wishes, video: largest } };
    return { encoded, refused: admission.ask(costOf(largest)) };
  }

  list(): LiveIngest[] {
    return [...this.live.values()];
  }

  /** Ends all and waits until their participants have left, and for what is recorded of them to be stored. */
  async close(): Promise<void> {
    this.isClosing = true;
    for (const ingest of this.live.values()) ingest.end(WORKER_ENDS);
    const gone = [...this.leaving].map((ingest) => ingest.whenGone());
    await Promise.all([...gone, this.deps.recorders.flush(RECORDINGS_FLUSH_MS)]);
  }

  private open(target: IngestTarget, protocol: IngestProtocol): LiveIngest {
    const { deps } = this;
    const ingest = new LiveIngest(
      target,
      protocol,
      {
        ...deps,
        onOver: (over) => {
          if (this.live.get(target.ingressId) === over) this.live.delete(target.ingressId);
          deps.occupancy.release(target.ingressId, over);
          this.leaving.add(over);
          void over.whenGone().then(() => this.leaving.delete(over));
          stopServing();
        },
      },
      target.wishes.video !== null,
    );
    this.live.set(target.ingressId, ingest);
    const stopServing = this.serve(ingest);
    return ingest;
  }

  /** LiveKit may delete or change the ingress while it is live: that ends the connection. */
  private serve(ingest: LiveIngest): () => void {
    const { commands, log } = this.deps;
    const { ingressId } = ingest.target;
    const serving = commands.serve(ingressId, {
      end: (why) => {
        ingest.end(why === 'deleted' ? 'the ingress was deleted' : 'the stream key or its settings changed');
        return this.deps.reports.told(ingressId);
      },
      current: () => ingest.current(),
    });
    serving.catch((error: unknown) => log.warn({ err: error, ingressId }, 'ingest: LiveKit cannot command it'));
    return () => {
      serving.then(
        (stop) => stop(),
        () => undefined,
      );
    };
  }
}

/** Of an encoding, before its source is known: as if it came in that size. */
function costOf({ width, height, fps, layers }: EncodingWish): number {
  const rate = fps ?? USUAL_FPS;
  const picture = { width, height, fps: rate };
  return transcodeCores(picture, picture, ...layers.map((layer) => ({ ...layer, fps: rate })));
}
