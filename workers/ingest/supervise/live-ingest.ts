import type { Logger } from 'pino';
import type { ChildMessage, StreamFacts } from '../publish/wire.ts';
import { FRAME_KIND } from '../publish/wire.ts';
import type { InputTap, Recorders } from '../record/recorders.ts';
import type { MediaTaker, Publisher } from '../rtmp/publisher.ts';
import type { IngestProtocol, IngestReport, IngestReports, IngestTarget } from '../service/ports.ts';
import type { TranscodeAdmission } from './admission.ts';
import type { LaneName } from './choose-lane.ts';
import { Lanes } from './lanes.ts';
import type { MediaChild, MediaChildren } from './media-child.ts';
import type { Holder } from './occupancy.ts';
import { watchPresence } from './presence.ts';
import type { RoomService } from './room-service.ts';
import { CONNECTING, goneCause, NONE, nameEncoder, nameFor, said, saidOfStream } from './sentences.ts';
import type { Kept } from './sequence-headers.ts';
import { SignalWatch } from './signal-watch.ts';

/** An encoder that sends nothing for so long is told of, ms. */
const SILENT_AFTER_MS = 3_000;
/** A child that takes nothing for so long hangs, ms. */
const HUNG_AFTER_MS = 10_000;
const LOOK_EVERY_MS = 250;
const CRASHES_ALLOWED = 3;
const CRASH_WINDOW_MS = 60_000;
/** Figures alone (rate, bitrate) are told LiveKit this often, ms. */
const FIGURES_EVERY_MS = 10_000;
const EMPTY = Buffer.alloc(0);

export type LiveIngestDeps = {
  children: MediaChildren;
  recorders: Pick<Recorders, 'open'>;
  reports: IngestReports;
  rooms: RoomService;
  log: Logger;
  graceMs: number;
  admission: Pick<TranscodeAdmission, 'ask'>;
  /** How long this process was held up since its beginning, ms. */
  heldUp: { totalMs(): number };
  /** It is over: nothing more comes from it. */
  onOver(ingest: LiveIngest): void;
};

/** What is told as an ingest's end. */
type LastReport = Pick<IngestReport, 'state' | 'sentence' | 'note' | 'error' | 'isComplete'>;

/**
 * One ingest: its encoders' connections, its media child, and what is told of both. The child outlives a connection by the grace
 * time, so an encoder that comes back is the same participant, and a backup that takes over is too.
 */
export class LiveIngest implements Holder {
  private child: MediaChild;
  private readonly lanes: Lanes;
  private readonly tap: InputTap;
  private publisher: Publisher | null = null;
  private signal = new SignalWatch();
  private facts: StreamFacts | null = null;
  private roomState: 'connecting' | 'connected' | 'lost' = 'connecting';
  private roomId: string | undefined;
  private pausedAtMs: number | null = null;
  private readonly crashes: number[] = [];
  private grace: NodeJS.Timeout | null = null;
  private readonly watch: NodeJS.Timeout;
  private readonly stopPresence: () => void;
  private isOver = false;
  private toldShape = '';
  private toldAtMs = 0;
  private lastReport: IngestReport;
  readonly startedAtMs = performance.now();

  constructor(
    readonly target: IngestTarget,
    readonly protocol: IngestProtocol,
    private readonly deps: LiveIngestDeps,
    /** A transcode was admitted with the ingest itself. */
    private hasLeave = false,
  ) {
    this.lastReport = { state: 'connecting', protocol, ...CONNECTING };
    this.tap = deps.recorders.open(target, protocol);
    this.lanes = new Lanes({
      onChange: (lane, publisher, media) => this.onAir(lane, publisher, media),
      onTag: (tag) => {
        this.pass(tag);
        this.tap.take(tag);
      },
      onEmpty: (reason) => this.detached(reason),
    });
    this.child = this.launch();
    this.watch = setInterval(() => this.look(), LOOK_EVERY_MS);
    this.stopPresence = watchPresence({
      look: () => deps.rooms.getPresence(target),
      isExpected: () => this.roomState === 'connected',
      onLost: () => this.child.tell({ say: 'reconnect' }),
    });
    deps.rooms.getRoomId(target.roomName).then(
      (roomId) => {
        this.roomId = roomId ?? undefined;
      },
      () => undefined, // Only LiveKit's own view of the ingress lacks it then.
    );
  }

  /** Connected and sending. @param lane one of its two encoders; without it, the one on air */
  isAlive(lane?: LaneName): boolean {
    return this.lanes.silentMs(lane) <= SILENT_AFTER_MS;
  }

  current(): IngestReport {
    return this.lastReport;
  }

  /** For health: no key in it. */
  describe(): object {
    return {
      ingressId: this.target.ingressId,
      room: this.target.roomName,
      protocol: this.protocol,
      state: this.lastReport.state,
      onAir: this.lanes.onAir,
      standby: this.lanes.hasStandby,
      mode: this.facts?.mode ?? null,
      reason: this.facts?.reason ?? '',
      cores: this.facts?.cores ?? 0,
      video: this.facts?.video ?? null,
      seconds: Math.round((performance.now() - this.startedAtMs) / 1000),
      pid: this.child.pid,
    };
  }

  get mode(): 'copy' | 'transcode' | null {
    return this.facts?.mode ?? null;
  }

  /** An encoder was accepted; one that has its place has to go. */
  attach(publisher: Publisher, lane: LaneName, replaced: string): MediaTaker {
    return this.lanes.attach(publisher, lane, replaced);
  }

  /** The source is being asked again: its place is kept, silence goes on. */
  tellWaiting(sentence: string): void {
    if (!this.isOver) this.report({ state: 'connecting', sentence });
  }

  /** The same source is opened anew: its clock and configuration begin again. */
  beginAnew(): void {
    if (this.isOver) return;
    this.facts = null;
    this.signal = new SignalWatch();
    this.child.send(FRAME_KIND.on, 0, EMPTY);
    this.tap.encoderChanged(this.publisher?.agent ?? '');
  }

  /** Ends it at once, without grace. @param last what is told as its end */
  end(reason: string, last: LastReport | null = null): void {
    const ended = said('ended', `The ingest has ended: ${reason}.`, { cause: goneCause(reason) });
    this.over(last ?? { state: 'idle', ...ended }, reason);
  }

  whenGone(): Promise<void> {
    return this.child.whenGone();
  }

  private onAir(lane: LaneName, publisher: Publisher, media: Kept[]): void {
    if (this.grace) clearTimeout(this.grace);
    this.grace = null;
    const isChange = this.publisher !== null;
    this.publisher?.resume();
    this.publisher = publisher;
    this.signal = new SignalWatch();
    this.facts = null;
    this.child.send(FRAME_KIND.on, 0, EMPTY);
    this.tap.encoderChanged(publisher.agent);
    for (const tag of media) {
      this.pass(tag);
      this.tap.take(tag);
    }
    const name = nameEncoder(publisher.agent);
    const words =
      lane === 'backup' && isChange
        ? said('backup-takes-over', 'The backup encoder takes over.')
        : said('waiting-for-picture', `${name} is connected; waiting for its picture.`, { encoder: nameFor(name) });
    if (isChange) this.deps.log.warn({ ingressId: this.target.ingressId, lane }, `ingest: ${lane} encoder takes over`);
    this.report({ state: 'connecting', ...words });
  }

  private pass({ type, timestampMs, body }: Kept): void {
    if (!this.child.send(FRAME_KIND[kindOf(type)], timestampMs, body)) this.pause();
  }

  private detached(reason: string): void {
    this.publisher = null;
    this.facts = null;
    if (this.isOver) return;
    this.child.send(FRAME_KIND.off, 0, EMPTY);
    this.tap.rest();
    const seconds = Math.round(this.deps.graceMs / 1000);
    const words = `The encoder is gone (${reason}); its place is kept for ${seconds} s.`;
    this.report({ state: 'connecting', ...said('gone', words, { cause: goneCause(reason), seconds }) });
    this.grace = setTimeout(() => {
      this.over({ state: 'idle', ...NONE }, `grace time over: ${reason}`);
    }, this.deps.graceMs);
  }

  private over(report: LastReport, reason: string): void {
    if (this.isOver) return;
    this.isOver = true;
    if (this.grace) clearTimeout(this.grace);
    clearInterval(this.watch);
    this.stopPresence();
    this.child.end();
    this.facts = null;
    this.publisher = null;
    this.lanes.end(reason);
    this.tap.end();
    this.report(report);
    this.deps.onOver(this);
    const seconds = Math.round((performance.now() - this.startedAtMs) / 1000);
    this.deps.log.info({ ingressId: this.target.ingressId, seconds, reason }, `ingest: over: ${reason}`);
  }

  private launch(): MediaChild {
    const child = this.deps.children.take();
    this.roomState = 'connecting';
    child.start(this.deps.rooms.serverUrl, this.target.wishes, {
      onMessage: (message) => {
        if (this.child === child) this.heard(message);
      },
      onDrain: () => {
        if (this.child === child) this.resume();
      },
      onExit: (how) => {
        if (this.child === child && !how.expected) this.crashed(how.signal ?? `code ${how.code}`);
      },
    });
    return child;
  }

  private crashed(how: string): void {
    if (this.isOver) return;
    const now = performance.now();
    this.crashes.push(now);
    const recent = this.crashes.filter((at) => now - at < CRASH_WINDOW_MS).length;
    this.deps.log.error({ ingressId: this.target.ingressId, how, recent }, 'ingest: the media process crashed');
    if (recent >= CRASHES_ALLOWED) {
      const error = 'The media process crashed three times in a minute on what this encoder sends.';
      this.over({ state: 'failed', ...said('media-crashed', error), error }, 'the media process crashed');
      return;
    }
    this.facts = null;
    this.child = this.launch();
    this.resume();
    if (this.publisher) {
      this.child.send(FRAME_KIND.on, 0, EMPTY);
      // Without the pictures kept: one of them may be what it crashed on.
      for (const tag of this.lanes.current?.configuration() ?? []) this.pass(tag);
    }
    const words = said('media-restarted', 'The media process crashed and was started again.');
    this.report({ state: 'connecting', ...words });
  }

  private heard(message: ChildMessage): void {
    const { log } = this.deps;
    if (message.say === 'token-wanted') {
      const { child } = this;
      this.deps.rooms.makeJoinToken(this.target).then(
        (token) => child.tell({ say: 'token', token }),
        (error: unknown) => log.error({ err: error }, 'ingest: no join token could be made'),
      );
    } else if (message.say === 'transcode-wanted') {
      const refusal = this.hasLeave ? '' : this.deps.admission.ask(message.cores);
      this.hasLeave = false;
      if (refusal) log.warn({ ingressId: this.target.ingressId, cores: message.cores }, `ingest: ${refusal}`);
      this.child.tell({ say: 'transcode-answer', refusal });
    } else if (message.say === 'room') {
      this.roomState = message.state;
      if (message.state === 'lost') {
        log.warn({ ingressId: this.target.ingressId, detail: message.detail }, 'ingest: connection to the room lost');
        const words = said('room-lost', 'The connection to LiveKit was lost; connecting again.');
        this.report({ state: 'connecting', ...words });
      } else this.tell();
    } else if (message.say === 'facts') {
      if (this.publisher === null) return;
      this.facts = message.facts;
      this.tell();
      this.tellHealth(message.facts, this.publisher);
    } else if (message.say === 'log') {
      log[message.level]({ ingressId: this.target.ingressId }, `ingest: ${message.text}`);
    }
  }

  private tellHealth(facts: StreamFacts, publisher: Publisher): void {
    if (!facts.video && !facts.audio) return;
    const place = {
      encoder: nameEncoder(facts.encoder, publisher.agent),
      onAir: this.lanes.onAir ?? 'primary',
      standby: this.lanes.hasStandby,
      roundTripMs: publisher.roundTripMs?.() ?? null,
    };
    const heldUpMs = [this.deps.heldUp.totalMs(), publisher.heldUpMs?.() ?? 0];
    const health = this.signal.next(facts, place, { heldUpMs, recording: this.tap.stand() });
    this.deps.reports.health(this.target, health);
  }

  /** Publishing is a fact: the room is connected, the encoder sends, and we know what. */
  private tell(): void {
    const shape = JSON.stringify([
      this.roomState,
      this.facts?.mode,
      this.facts?.video?.width,
      (this.facts?.video?.bitrateKbps ?? 0) > 0,
      this.facts?.advice,
      this.lanes.hasStandby,
    ]);
    const isNew = shape !== this.toldShape || this.lastReport.state !== 'publishing';
    const now = performance.now();
    if (!isNew && now - this.toldAtMs < FIGURES_EVERY_MS) return;
    this.toldShape = shape;
    this.toldAtMs = now;
    this.tellNow();
  }

  private tellNow(): void {
    const { facts, publisher } = this;
    if (!facts || !publisher || this.roomState !== 'connected' || !this.isAlive()) return;
    if (!facts.video && !facts.audio) return;
    const { video, audio } = facts;
    const words = saidOfStream(nameEncoder(facts.encoder, publisher.agent), facts, this.lanes.hasStandby);
    if (video && facts.mode === null) {
      // What waits for processor begins by itself.
      this.report({ state: facts.lacksProcessor ? 'connecting' : 'failed', ...words, error: words.sentence });
      return;
    }
    this.report({
      state: 'publishing',
      ...words,
      video: video ? { ...video, mimeType: mimeType('video', video.codec) } : null,
      audio: audio ? { ...audio, mimeType: mimeType('audio', audio.codec) } : null,
    });
  }

  private report(report: Omit<IngestReport, 'protocol'>): void {
    const full: IngestReport = { ...report, protocol: this.protocol, roomId: this.roomId };
    const isSame = full.state === this.lastReport.state && full.sentence === this.lastReport.sentence;
    this.lastReport = full;
    if (!isSame) this.deps.reports.report(this.target, full);
  }

  private look(): void {
    if (this.pausedAtMs !== null && performance.now() - this.pausedAtMs > HUNG_AFTER_MS) this.child.kill();
    // While the child holds the encoder up, its silence is ours.
    if (this.pausedAtMs === null) this.lanes.look();
    if (!this.publisher || this.lastReport.state !== 'publishing') return;
    if (this.isAlive()) return;
    const words = said('nothing-comes', 'Nothing has come from the encoder for 3 s.', { seconds: 3 });
    this.report({ state: 'connecting', ...words });
  }

  private pause(): void {
    this.pausedAtMs ??= performance.now();
    this.publisher?.pause();
  }

  private resume(): void {
    this.pausedAtMs = null;
    this.publisher?.resume();
  }
}

function kindOf(type: 8 | 9 | 18): 'audio' | 'video' | 'data' {
  return type === 8 ? 'audio' : type === 9 ? 'video' : 'data';
}

function mimeType(kind: 'audio' | 'video', codec: string): string {
  return `${kind}/${codec.toLowerCase().replace(/[^a-z0-9]/g, '')}`;
}
