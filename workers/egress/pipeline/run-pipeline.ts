import type { Logger } from 'pino';
import type { Layout } from '#core/scene/scene';
import type { EgressPlan, EndCause, FromPipeline, PipelineFacts, PushPlan } from '../plan.ts';
import { Stage } from './compose/stage.ts';
import { systemTime, TickClock } from './compose/tick.ts';
import { AudioEncoder, type AudioPacket, FRAME_SAMPLES, PRIMING_SAMPLES, SAMPLE_RATE } from './encode/audio.ts';
import { Ladder, type RungOutput } from './encode/ladder.ts';
import type { VideoPacket } from './encode/video.ts';
import { FileLine } from './file-line.ts';
import { keyFrameTicks } from './key-frames.ts';
import { LiveLine } from './live-line.ts';
import { openSource, type ProgramSource, type SourceEvents } from './open-source.ts';
import { StillPictures } from './output/images/still-pictures.ts';
import { PushSet } from './output/push/push-set.ts';
import { SideSinks } from './output/side-sinks.ts';
import { Overseer } from './overseer.ts';
import { type Mark, makeMark } from './package/event-message.ts';
import { openTimeline, partLengths, type Timeline } from './package/timeline.ts';
import { addressRuleOf, directionOf, sourceFacts } from './plan-readings.ts';
import { AUDIO_ID, trackFormats } from './rendition-packagers.ts';
import { TsLine } from './ts-line.ts';

export type PipelineEvents = { send(message: FromPipeline): void; ended(cause: EndCause, error: string | null): void };

/** Key-frame interval when there are only pushes: what platforms ask for. */
const PUSH_KEY_FRAME_S = 2;

/**
 * Sound comes later than its picture, by this many blocks of 21.3 ms: a microphone sends 20 ms at once, WebRTC holds it against jitter,
 * a line holds about 30 ms for the mixer. So it is labelled earlier, or lips would be ahead of words (`npm run bench:sync`).
 */
const SOUND_LAG_BLOCKS = 4;

/** The engine of one egress: source → compose → encode → package → output, driven by one clock. */
export class Pipeline {
  readonly #plan: EgressPlan;
  readonly #events: PipelineEvents;
  readonly #log: Logger;
  readonly #source: ProgramSource;
  readonly #stage: Stage;
  /** What happened before the packagers were there. */
  #marks: Mark[] = [];
  #markCount = 0;
  #lastMark = '';
  #ts: TsLine | null = null;
  #files: FileLine | null = null;
  #ladder: Ladder | null = null;
  #audio: AudioEncoder | null = null;
  #live: LiveLine | null = null;
  #pushes: PushSet | null = null;
  readonly #sides: SideSinks;
  #timeline: Timeline = openTimeline(Date.now(), null);
  #pictureClock: TickClock | null = null;
  #soundClock: TickClock | null = null;
  #soundBlocks = 0;
  /** Blocks that the sound is older than the picture of the same instant; none when there is no picture to be in step with. */
  readonly #soundLag: number;
  #showsSource = false;
  #composed = 0;
  #told = 0;
  #overseer: Overseer | null = null;
  #active = false;

  constructor(plan: EgressPlan, events: PipelineEvents, log: Logger) {
    this.#plan = plan;
    this.#events = events;
    this.#log = log;
    this.#soundLag = plan.audioOnly || plan.videoOnly ? 0 : SOUND_LAG_BLOCKS;
    this.#sides = new SideSinks(plan, { send: events.send, log });
    const { program } = plan;
    const onScene: SourceEvents['onScene'] = (metadata) => {
      const { version, layout } = metadata.scene;
      this.mark('scene', { version, layout });
      this.#sides.sceneRead(metadata);
    };
    this.#source = openSource(plan, { onScene, ended: events.ended }, log);
    let troubledAt = Number.NEGATIVE_INFINITY;
    const onTrouble = (error: unknown) => {
      if (performance.now() - troubledAt > 5000) log.error({ err: String(error) }, 'a picture could not be drawn');
      troubledAt = performance.now();
    };
    this.#stage = new Stage({
      program,
      direction: directionOf(plan),
      view: () => this.#source.view(),
      onDrawn: (boxes, nowMs) => this.#source.setDrawn(boxes, nowMs),
      isAllowed: addressRuleOf(plan),
      onTrouble,
    });
  }

  /**
   * Opens everything and starts the clock; the slate is on air from the first tick.
   * @throws when encoders or Redis cannot be had
   */
  async start(): Promise<void> {
    const { plan } = this;
    const segmentS = plan.segments?.segmentS ?? PUSH_KEY_FRAME_S;
    const { partS } = partLengths(plan.segments?.partMs ?? 200, plan.program.fps, segmentS);
    // Joining is the slowest step: it runs beside the others.
    this.#source.open();
    const [ladder, audio] = await Promise.all([
      plan.audioOnly ? null : Ladder.open({ program: plan.program, segmentS, partS, keyTicks: keyFrameTicks(plan) }),
      plan.videoOnly ? null : AudioEncoder.open(plan.audio.bitrateKbps),
      this.#stage.open(),
    ]);
    this.#ladder = ladder;
    this.#audio = audio;
    await this.#source.ready();
    const ids = [...(ladder?.rungs.map(({ rung }) => rung.id) ?? []), ...(audio ? [AUDIO_ID] : [])];
    if (plan.segments?.format === 'ts') this.#ts = await TsLine.open(plan, this.#log);
    else if (plan.segments) {
      const onLeaseLost = () => this.#events.ended('lease-lost', null);
      this.#live = await LiveLine.open(plan, ids, { onLeaseLost }, this.#log);
    }
    this.#files = await FileLine.open(plan, this.#log);
    this.#timeline = openTimeline(Date.now(), this.#live?.outputs.earlier ?? this.#files?.earlier ?? null);
    const startMs = performance.now();
    this.#openLive();
    this.#openTs();
    this.#openFiles();
    this.#openPushes();
    if (ladder) this.#sides.add(new StillPictures(plan, this.#live?.outputs ?? null, this.#events, this.#log));
    this.#startClocks(startMs);
    this.#overseer = new Overseer({
      ladder,
      pulse: () => this.pulse(),
      tell: (rungs) => this.#events.send({ t: 'facts', facts: this.#facts(rungs) }),
      log: this.#log,
    });
  }

  get plan(): EgressPlan {
    return this.#plan;
  }

  setLayout(layout: Layout): void {
    this.#stage.setLayout(layout);
    this.mark('layout', { layout });
  }

  /**
   * Writes an event into the show, where players find it at the instant it happened. The same one twice in a row is written once.
   * @param kind a word: `scene`, `layout`, `marker`
   * @param data plain JSON, at most 8 kB
   */
  mark(kind: string, data: unknown): void {
    const text = `${kind} ${JSON.stringify(data)}`;
    if (text === this.#lastMark) return;
    this.#lastMark = text;
    this.#marks.push(makeMark(++this.#markCount, kind, data));
    this.#sendMarks();
  }

  #sendMarks(): void {
    if (this.#live?.begun) for (const mark of this.#marks.splice(0)) this.#live.mark(mark);
  }

  /** Sends a small picture of the program, with the next tick. */
  askPicture(): void {
    if (this.#ladder) this.#sides.askPicture();
    else this.#events.send({ t: 'picture', jpeg: null });
  }

  /** Whether this worker has the cores for the WebRTC program. */
  allowSeats(allowed: boolean): void {
    this.#sides.allowSeats(allowed);
  }

  addPush(push: PushPlan): void {
    this.#pushes?.add(push);
  }

  removePush(id: string): void {
    this.#pushes?.remove(id);
  }

  /** Ticks so far, for the heartbeat. */
  pulse(): { ticks: number; lateTicks: number; composed: number } {
    const clock = this.#pictureClock ?? this.#soundClock;
    return { ticks: clock?.ticks ?? 0, lateTicks: clock?.lateTicks ?? 0, composed: this.#composed };
  }

  #facts(rungs: PipelineFacts['rungs']): PipelineFacts {
    const { people, metadata } = this.#source.view();
    const { source, program } = this.#plan;
    const composed = this.#composed - this.#told;
    this.#told = this.#composed;
    return {
      composedFps: Math.min(program.fps, composed),
      lateTicks: this.pulse().lateTicks,
      layout:
        source.kind === 'room' && source.layout !== 'scene' ? source.layout : (metadata?.scene.layout ?? source.kind),
      shows: this.#showsSource ? 'source' : 'slate',
      sources: sourceFacts(people, performance.now()),
      rungs,
      outputs: [...(this.#live?.outputs.facts() ?? []), ...this.#sides.facts()],
      epoch: this.#live?.outputs.epoch ?? 0,
      lastMsn: this.#live?.lastMsn ?? -1,
    };
  }

  totals(): { count: number; bytes: number; durationMs: number } {
    const totals = this.#ts?.totals ?? this.#live?.outputs.segments.totals;
    if (!totals) return { count: 0, bytes: 0, durationMs: 0 };
    return { ...totals, durationMs: Math.round(totals.durationMs) };
  }

  /**
   * Ends the show: last part, end marks, everything stored. Pushes are closed first, they have no more to get.
   * @returns objects that storage has not taken yet; they lie in the spool; and what went wrong with a file, in a person's words
   */
  async end(): Promise<{ waiting: number; problem?: string | null }> {
    await this.#stopMedia();
    await this.#pushes?.close();
    await this.#sides.close();
    await this.#ts?.end();
    const { waiting } = (await this.#live?.outputs.end()) ?? { waiting: 0 };
    return { waiting, problem: await this.#files?.make((message) => this.#events.send(message)) };
  }

  /** Leaves quickly (parent gone, lease lost): the open part is closed, the feed stays for a successor. */
  async leave(limitMs: number, how: 'left' | 'lost'): Promise<void> {
    await this.#stopMedia();
    const closing = [this.#pushes?.close(), this.#sides.close()];
    await Promise.race([Promise.all(closing), new Promise((resolve) => setTimeout(resolve, limitMs / 2))]);
    await Promise.all([this.#live?.outputs.leave(limitMs / 2, how), this.#ts?.leave(limitMs / 2)]);
  }

  async #stopMedia(): Promise<void> {
    this.#overseer?.close();
    await Promise.all([this.#pictureClock?.stop(), this.#soundClock?.stop()]);
    void this.#source.close();
    for (const output of (await this.#ladder?.finish()) ?? []) this.#packRung(output, 0);
    this.#live?.finish();
    this.#ts?.finish();
    this.#ladder?.close();
    this.#ladder = null;
    this.#audio?.close();
    this.#audio = null;
    this.#stage.close();
  }

  #openLive(): void {
    this.#live?.begin({
      timeline: this.#timeline,
      formats: trackFormats(this.#plan, this.#ladder, this.#audio),
      showsSource: () => this.#showsSource,
      onFirst: () => this.#becomeActive(),
      onSegment: () => this.#events.send({ t: 'segments', ...this.totals() }),
    });
    this.#sendMarks();
  }

  #openTs(): void {
    const top = this.#ladder?.rungs[0];
    this.#ts?.begin({
      avcC: top?.encoder.avcC ?? null,
      aacConfig: this.#audio?.config ?? null,
      onFirst: () => this.#becomeActive(),
      onSegment: () => this.#events.send({ t: 'segments', ...this.totals() }),
    });
  }

  #openFiles(): void {
    const formats = trackFormats(this.#plan, this.#ladder, this.#audio).map(({ format }) => format);
    const video = formats.find((format) => format.kind === 'video') ?? null;
    const audio = formats.find((format) => format.kind === 'audio') ?? null;
    this.#files?.begin({ timeline: this.#timeline, video, audio }, () => this.#becomeActive());
    if (this.#files) this.#sides.add(this.#files);
  }

  #openPushes(): void {
    const top = this.#ladder?.rungs[0];
    const video = top && { ...top.encoder.settings, avcC: top.encoder.avcC };
    const audio = this.#audio && { config: this.#audio.config, bitrateKbps: this.#plan.audio.bitrateKbps };
    this.#pushes = new PushSet({
      media: { video: video ?? null, audio },
      targets: this.#plan.targets,
      onReports: (changed, all) => {
        for (const report of changed) this.#events.send({ t: 'push', report });
        this.#live?.outputs.setPushes(all.map(({ startedAtMs: _, endedAtMs: __, ...push }) => push));
      },
      onFirstByte: () => this.#becomeActive(),
      log: this.#log,
    });
    for (const push of this.#plan.pushes) this.#pushes.add(push);
  }

  #becomeActive(): void {
    if (this.#active) return;
    this.#active = true;
    this.#events.send({ t: 'active', atMs: Date.now() });
  }

  #startClocks(startMs: number): void {
    const { fps } = this.#plan.program;
    if (this.#ladder) {
      const run = (tick: number) => this.#tickPicture(tick);
      this.#pictureClock = new TickClock({ time: systemTime, startMs, periodMs: 1000 / fps, run });
      this.#pictureClock.start();
    }
    if (this.#audio) {
      const run = (tick: number) => this.#tickSound(tick);
      const periodMs = (FRAME_SAMPLES * 1000) / SAMPLE_RATE;
      this.#soundClock = new TickClock({ time: systemTime, startMs, periodMs, run });
      this.#soundClock.start();
    }
  }

  async #tickPicture(tick: number): Promise<void> {
    const ladder = this.#ladder;
    if (!ladder?.isDue(tick)) return;
    const startedAt = performance.now();
    try {
      const picture = await this.#stage.picture(tick);
      try {
        this.#showsSource = picture.showsSource;
        this.#composed++;
        this.#sides.picture({ frame: picture.frame, tick, showsSource: picture.showsSource });
        for (const output of await ladder.encode(picture.frame, tick)) this.#packRung(output, tick);
      } finally {
        picture.release();
        this.#overseer?.spent(performance.now() - startedAt);
      }
    } catch (error) {
      this.#events.ended('failed', `The encoder failed: ${String(error)}`);
    }
  }

  /** Blocks missed by a late timer are made up for, so that sound has no gap either. */
  #tickSound(tick: number): void {
    if (!this.#ladder) this.#showsSource = this.#stage.isLive();
    for (; this.#soundBlocks <= tick; this.#soundBlocks++) {
      const block = this.#stage.sound();
      const pts = (this.#soundBlocks - this.#soundLag) * FRAME_SAMPLES;
      if (pts < 0) continue;
      this.#sides.sound(block, pts);
      // The encoder's first packet is its priming: the block of instant n goes in labelled n + 1,024 and comes out labelled n.
      for (const packet of this.#audio?.encode(block, pts + PRIMING_SAMPLES) ?? []) this.#packAudio(packet);
    }
  }

  #packRung({ line, packets, changed }: RungOutput, tick: number): void {
    const { id } = line.rung;
    const top = line === this.#ladder?.lines[0];
    const segment = line.pacer.segmentOf(tick);
    if (line.on && changed) this.#live?.skipTo(id, segment);
    for (const packet of packets) this.#packVideo(top, id, packet);
    if (!line.on) this.#live?.skipTo(id, segment);
    if (!changed) return;
    this.#live?.outputs.setRung(id, line.on);
    if (line.failed) this.#log.error({ rung: id }, 'a rung has lost its encoder and ends; the others go on');
    else this.#log.info({ rung: id, on: line.on }, line.on ? 'a rung is on again' : 'a rung is off');
  }

  #packVideo(top: boolean, id: string, packet: VideoPacket): void {
    this.#live?.video(id, packet);
    if (!top) return;
    const { fps } = this.#plan.program;
    this.#ts?.video(packet, fps);
    this.#files?.video(packet);
    this.#pushes?.video({ ms: (packet.pts * 1000) / fps, key: packet.key, data: packet.data });
  }

  #packAudio(packet: AudioPacket): void {
    this.#ts?.audio(packet);
    this.#files?.audio(packet);
    this.#live?.audio(packet, SAMPLE_RATE);
    this.#pushes?.audio({ ms: (packet.pts * 1000) / SAMPLE_RATE, data: packet.data });
  }
}
