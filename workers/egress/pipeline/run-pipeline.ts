import type { Logger } from 'pino';
import { layoutNamed } from '#core/scene/layout-names';
import type { EgressPlan, EndCause, FromPipeline, LostEncoder, PipelineFacts, PushPlan } from '../plan.ts';
import { Stage } from './compose/stage.ts';
import { systemTime, TickClock } from './compose/tick.ts';
import { AudioEncoder, FRAME_SAMPLES, PRIMING_SAMPLES, SAMPLE_RATE } from './encode/audio.ts';
import { EncoderChoice } from './encode/encoder-choice.ts';
import { EncoderLost } from './encode/encoder-lost.ts';
import { Ladder, type LadderInput } from './encode/ladder.ts';
import { keyFrameTicks } from './key-frames.ts';
import { openSource, type ProgramSource, type SourceEvents } from './open-source.ts';
import { OrderlyEnd } from './orderly-end.ts';
import { StillPictures } from './output/images/still-pictures.ts';
import { RawSound } from './output/raw/raw-sound.ts';
import { SideSinks } from './output/side-sinks.ts';
import { Overseer } from './overseer.ts';
import { partLengths } from './package/timeline.ts';
import { PacketLines } from './packet-lines.ts';
import { addressRuleOf, directionOf, noteWords, sourceFacts } from './plan-readings.ts';
import { AUDIO_ID } from './rendition-packagers.ts';
import type { Problem } from './stored-lines.ts';

export type PipelineEvents = {
  send(message: FromPipeline): void;
  ended(cause: EndCause, error: string | null): void;
  /** Another process is to go on, without this encoder. */
  encoderLost(lost: LostEncoder): void;
};

/** A source that does not close in this time is left to the end of the process. */
const SOURCE_CLOSE_MS = 2_000;

/** Key-frame interval when there are only pushes: what platforms ask for. */
const PUSH_KEY_FRAME_S = 2;

/**
 * Sound comes later than its picture, by this many blocks of 21.3 ms: a microphone sends 20 ms at once, WebRTC holds it against jitter,
 * a line holds about 30 ms for the mixer. So it is labelled earlier, or lips would be ahead of words (`npm run bench:sync`).
 */
const SOUND_LAG_BLOCKS = 4;

/** What was made cannot be vouched for when one of these did not end well; a still picture or a browser's profile is no such thing. */
const VITAL = ['encoders', 'last parts', 'last segments', 'live feed', 'stored outputs'];

function problemOf(failed: readonly string[]): Problem | null {
  if (!failed.some((step) => VITAL.includes(step))) return null;
  return { cause: 'failed', error: 'The egress could not be ended in order: its last seconds may be missing.' };
}

/** The engine of one egress: source → compose → encode → package → output, driven by one clock. */
export class Pipeline {
  readonly #plan: EgressPlan;
  readonly #events: PipelineEvents;
  readonly #log: Logger;
  readonly #source: ProgramSource;
  #sourceGone: Promise<void> = Promise.resolve();
  readonly #stage: Stage;
  readonly #lines: PacketLines;
  readonly #encoders: EncoderChoice;
  #ladder: Ladder | null = null;
  #audio: AudioEncoder | null = null;
  readonly #sides: SideSinks;
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
  #stopped = false;

  constructor(plan: EgressPlan, events: PipelineEvents, log: Logger) {
    this.#plan = plan;
    const send = (message: FromPipeline) => {
      if (message.t === 'images') this.#becomeActive(); // pictures alone play too, from the first that is stored
      this.#lines.stored.hear(message);
      events.send(message);
    };
    this.#events = { ...events, send };
    this.#log = log;
    this.#lines = new PacketLines(plan, { ...this.#events, onFirst: () => this.#becomeActive() }, log);
    const isAlone = plan.audioOnly || plan.videoOnly;
    this.#soundLag = isAlone || plan.source.kind === 'page' ? 0 : SOUND_LAG_BLOCKS; // a page's sound has no network to cross
    this.#encoders = new EncoderChoice(plan.encoders, log);
    this.#sides = new SideSinks(plan, { send, log });
    const { program } = plan;
    const onScene: SourceEvents['onScene'] = (metadata) => {
      const { version, layout } = metadata.scene;
      this.#lines.marks.add('scene', { version, layout });
      this.#sides.sceneRead(metadata);
    };
    const onLayout = (name: string) => this.#setLayout(name);
    this.#source = openSource(plan, { onScene, onLayout, hand: send, ended: events.ended }, log);
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
      onlySlate: plan.care?.slate,
      onTrouble,
    });
  }

  /**
   * Opens everything and starts the clock; the slate is on air from the first tick.
   * @throws when encoders or Redis cannot be had
   */
  async start(): Promise<void> {
    const plan = this.#plan;
    const segmentS = plan.segments?.segmentS ?? PUSH_KEY_FRAME_S;
    const { partS } = partLengths(plan.segments?.partMs ?? 200, plan.program.fps, segmentS);
    // Joining is the slowest step: it runs beside the others.
    this.#source.open();
    const [ladder, audio] = await Promise.all([
      plan.audioOnly ? null : this.#openLadder(segmentS, partS),
      plan.videoOnly ? null : AudioEncoder.open(plan.audio.bitrateKbps),
      this.#stage.open(),
    ]);
    this.#ladder = ladder;
    this.#audio = audio;
    await this.#source.ready();
    // Stopped while all this was opened: a feed that is begun now would be ended by nobody.
    if (this.#stopped) return;
    const ids = [...(ladder?.rungs.map(({ rung }) => rung.id) ?? []), ...(audio ? [AUDIO_ID] : [])];
    await this.#lines.open(ids);
    if (this.#stopped) return;
    const startMs = performance.now();
    this.#lines.begin({ ladder, audio, showsSource: () => this.#showsSource });
    const { sink, troubles } = this.#lines.stored;
    if (sink) this.#sides.add(sink);
    this.#openRawSound();
    const events = { troubles, send: this.#events.send };
    if (ladder) this.#sides.add(new StillPictures(plan, this.#lines.show, events, this.#log));
    this.#startClocks(startMs);
    this.#overseer = new Overseer({
      ladder,
      pulse: () => this.pulse(),
      tell: (rungs, notes) => {
        const left = [...this.#source.notes(), ...(this.#stage.onlySlate ? [{ code: 'only-slate' as const }] : [])];
        this.#lines.show?.setNotes(left);
        this.#events.send({ t: 'facts', facts: this.#facts(rungs, [...notes, ...left.map(noteWords)]) });
      },
      log: this.#log,
    });
  }

  #openLadder(segmentS: number, partS: number): Promise<Ladder> {
    const { program, video } = this.#plan;
    const open: LadderInput['open'] = (settings) => this.#encoders.open(settings);
    const profile = video?.profile;
    return Ladder.open({ program, segmentS, partS, keyTicks: keyFrameTicks(this.#plan), profile, open });
  }

  /** UpdateLayout: nobody can be told of a wrong name, so that the picture stays as it is. */
  #setLayout(name: string): void {
    const layout = layoutNamed(name);
    if (layout === null) return this.#log.warn({ layout: name.slice(0, 64) }, 'UpdateLayout names no known layout');
    this.#stage.setLayout(layout === 'scene' ? null : layout);
    this.#lines.marks.add('layout', { layout });
    const { source } = this.#plan;
    const isPlain = source.kind === 'room' && source.layout !== 'scene';
    if (isPlain && layout !== 'scene') this.#events.send({ t: 'layout', layout });
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
    this.#lines.pushes.add(push);
  }

  removePush(id: string): void {
    this.#lines.pushes.remove(id);
  }

  /** Ticks so far, for the heartbeat. */
  pulse(): { ticks: number; lateTicks: number; composed: number } {
    const clock = this.#pictureClock ?? this.#soundClock;
    return { ticks: clock?.ticks ?? 0, lateTicks: clock?.lateTicks ?? 0, composed: this.#composed };
  }

  #facts(rungs: PipelineFacts['rungs'], notes: string[]): PipelineFacts {
    const { people } = this.#source.view();
    const { program } = this.#plan;
    const composed = this.#composed - this.#told;
    this.#told = this.#composed;
    return {
      composedFps: Math.min(program.fps, composed),
      lateTicks: this.pulse().lateTicks,
      layout: this.#stage.layout,
      shows: this.#showsSource ? 'source' : 'slate',
      sources: sourceFacts(people, performance.now()),
      rungs,
      outputs: [...(this.#lines.show?.facts() ?? []), ...this.#sides.facts()],
      epoch: this.#lines.show?.epoch ?? 0,
      lastMsn: this.#lines.lastMsn,
      notes: [...this.#encoders.notes, ...notes],
    };
  }

  totals(): { count: number; bytes: number; durationMs: number } {
    return this.#lines.totals;
  }

  /**
   * Ends the egress: last part, everything stored. Pushes are closed first, they have no more to get.
   * @param isOver the show ends with it, so that players are told; a show of the app's may go on in another egress
   * @returns objects that storage has not taken yet, they lie in the spool; and what went wrong with a stored output
   */
  async end(isOver: boolean): Promise<{ waiting: number; problem: Problem | null }> {
    const end = new OrderlyEnd(this.#log);
    await this.#stopMedia(end);
    await end.step('pushes', () => this.#lines.pushes.close());
    await end.step('pictures and seats', () => this.#sides.close());
    const { waiting, problem } = await this.#lines.end(end, isOver);
    // A browser leaves a profile behind unless it may be cleared away.
    await end.step('source', () =>
      Promise.race([this.#sourceGone, new Promise<void>((resolve) => setTimeout(resolve, SOURCE_CLOSE_MS))]),
    );
    return { waiting, problem: problem ?? problemOf(end.failed) };
  }

  /** Leaves quickly (parent gone, lease lost): the open part is closed, the feed stays for a successor. */
  async leave(limitMs: number, how: 'left' | 'lost'): Promise<void> {
    await this.#stopMedia(new OrderlyEnd(this.#log));
    const closing = [this.#lines.pushes.close(), this.#sides.close()];
    await Promise.race([Promise.allSettled(closing), new Promise((resolve) => setTimeout(resolve, limitMs / 2))]);
    await this.#lines.leave(limitMs / 2, how);
  }

  async #stopMedia(end: OrderlyEnd): Promise<void> {
    this.#stopped = true;
    this.#overseer?.close();
    await end.step('clocks', () => Promise.all([this.#pictureClock?.stop(), this.#soundClock?.stop()]));
    this.#sourceGone = this.#source.close();
    this.#sourceGone.catch(() => undefined); // heard where it is waited for
    await end.step('encoders', async () => {
      for (const output of (await this.#ladder?.finish()) ?? []) this.#lines.rung(output, 0);
    });
    await this.#lines.finish(end);
    this.#ladder?.close();
    this.#ladder = null;
    this.#audio?.close();
    this.#audio = null;
    this.#stage.close();
  }

  #openRawSound(): void {
    const { websocketUrl: url, targets } = this.#plan;
    if (url === null) return;
    const isMuted = () => this.#source.view().people.every(({ sounds }) => sounds.length === 0);
    const raw = new RawSound({
      url,
      targets,
      isMuted,
      onReport: (report) => this.#events.send({ t: 'push', report }),
      onFirstByte: () => this.#becomeActive(),
      onFailed: (sentence) => this.#events.ended('failed', sentence),
      log: this.#log,
    });
    this.#sides.add(raw);
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
        for (const output of await ladder.encode(picture.frame, tick)) this.#lines.rung(output, tick);
      } finally {
        picture.release();
        this.#overseer?.spent(performance.now() - startedAt);
      }
    } catch (error) {
      if (error instanceof EncoderLost) this.#events.encoderLost({ name: error.encoder, reason: error.message });
      else this.#events.ended('failed', `The encoder failed: ${String(error)}`);
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
      for (const packet of this.#audio?.encode(block, pts + PRIMING_SAMPLES) ?? []) this.#lines.audio(packet);
    }
  }
}
