import type { Logger } from 'pino';
import type { EgressPlan, EndCause, FromPipeline, PushReport } from '../plan.ts';
import { type AudioEncoder, type AudioPacket, SAMPLE_RATE } from './encode/audio.ts';
import type { Ladder, RungOutput } from './encode/ladder.ts';
import type { VideoPacket } from './encode/video.ts';
import { LiveLine } from './live-line.ts';
import { Marks } from './marks.ts';
import type { OrderlyEnd } from './orderly-end.ts';
import { openTimeline, type Timeline } from './package/timeline.ts';
import { PushLine } from './push-line.ts';
import { trackFormats } from './rendition-packagers.ts';
import { type Problem, StoredLines } from './stored-lines.ts';

type Events = {
  send(message: FromPipeline): void;
  ended(cause: EndCause, error: string | null): void;
  /** Something is out: the first part, bytes on disk, a packet that a destination took. */
  onFirst(): void;
};

type Begin = { ladder: Ladder | null; audio: AudioEncoder | null; showsSource(): boolean };

const NO_SEGMENTS = { count: 0, bytes: 0, durationMs: 0 };

/** Everything that encoded packets go into: the show as players get it, what is stored of a plain request, and the destinations. */
export class PacketLines {
  readonly stored: StoredLines;
  readonly pushes: PushLine;
  readonly marks = new Marks();
  readonly #plan: EgressPlan;
  readonly #events: Events;
  readonly #log: Logger;
  #live: LiveLine | null = null;
  #timeline: Timeline = openTimeline(Date.now(), null);
  #ladder: Ladder | null = null;

  constructor(plan: EgressPlan, events: Events, log: Logger) {
    this.#plan = plan;
    this.#events = events;
    this.#log = log;
    this.pushes = new PushLine(plan.pushes, plan.program.fps);
    this.stored = new StoredLines(plan, this.pushes, events);
  }

  /**
   * Takes the feed's lease, reads where an earlier process stopped.
   * @param ids of the renditions, sound included
   * @throws when Redis stays away, or another egress writes this feed
   */
  async open(ids: readonly string[]): Promise<void> {
    if (this.#plan.segments?.format === 'cmaf') {
      const onLeaseLost = () => this.#events.ended('lease-lost', null);
      this.#live = await LiveLine.open(this.#plan, ids, { onLeaseLost }, this.#log);
    }
    await this.stored.open(this.#plan, this.#log);
    this.#timeline = openTimeline(Date.now(), this.#live?.outputs.earlier ?? this.stored.earlier);
  }

  /** Packets follow. */
  begin({ ladder, audio, showsSource }: Begin): void {
    this.#ladder = ladder;
    const timeline = this.#timeline;
    const formats = trackFormats(this.#plan, ladder, audio);
    const { onFirst } = this.#events;
    const onSegment = () => this.#events.send({ t: 'segments', ...this.totals });
    this.#live?.begin({ timeline, formats, showsSource, onFirst, onSegment });
    if (this.#live) this.marks.begin(this.#live);
    this.stored.begin({ timeline, formats: formats.map(({ format }) => format), onFirst, onSegment });
    this.#beginPushes(ladder, audio);
  }

  /** Where a show's own pictures go; null when none is made. */
  get show(): LiveLine['outputs'] | null {
    return this.#live?.outputs ?? null;
  }

  get lastMsn(): number {
    return this.#live?.lastMsn ?? -1;
  }

  get totals(): { count: number; bytes: number; durationMs: number } {
    const totals = this.stored.totals ?? this.show?.segments.totals ?? NO_SEGMENTS;
    return { ...totals, durationMs: Math.round(totals.durationMs) };
  }

  rung({ line, packets, changed }: RungOutput, tick: number): void {
    const { id } = line.rung;
    const top = line === this.#ladder?.lines[0];
    const segment = line.pacer.segmentOf(tick);
    if (line.on && changed) this.#live?.skipTo(id, segment);
    for (const packet of packets) this.#video(top, id, packet);
    if (!line.on) this.#live?.skipTo(id, segment);
    if (!changed) return;
    this.show?.setRung(id, line.on);
    if (line.failed) this.#log.error({ rung: id }, 'a rung has lost its encoder and ends; the others go on');
    else this.#log.info({ rung: id, on: line.on }, line.on ? 'a rung is on again' : 'a rung is off');
  }

  audio(packet: AudioPacket): void {
    this.stored.audio(packet);
    this.#live?.audio(packet, SAMPLE_RATE);
    this.pushes.audio(packet);
  }

  /** No packet comes any more: what is open is closed. */
  async finish(end: OrderlyEnd): Promise<void> {
    await end.step('last parts', () => this.#live?.finish());
    await end.step('last segments', () => this.stored.finish());
  }

  /**
   * End marks, and everything brought into storage.
   * @param isOver the show itself has ended, not this egress alone
   * @returns objects that lie in the spool, and what went wrong with a stored output
   */
  async end(end: OrderlyEnd, isOver: boolean): Promise<{ waiting: number; problem: Problem | null }> {
    const waiting = (await end.step('live feed', () => this.show?.end(isOver)))?.waiting ?? 0;
    const problem = (await end.step('stored outputs', () => this.stored.end())) ?? null;
    return { waiting, problem };
  }

  /** For a successor. */
  async leave(limitMs: number, how: 'left' | 'lost'): Promise<void> {
    await Promise.all([this.show?.leave(limitMs, how), this.stored.leave(limitMs)]);
  }

  #video(top: boolean, id: string, packet: VideoPacket): void {
    this.#live?.video(id, packet);
    if (!top) return;
    this.stored.video(packet);
    this.pushes.video(packet);
  }

  #beginPushes(ladder: Ladder | null, encoder: AudioEncoder | null): void {
    const top = ladder?.rungs[0];
    const video = top ? { ...top.encoder.settings, avcC: top.encoder.avcC } : null;
    const audio = encoder && { config: encoder.config, bitrateKbps: this.#plan.audio.bitrateKbps };
    this.pushes.begin({
      media: { video, audio },
      targets: this.#plan.targets,
      onReports: (changed, all) => this.#tellPushes(changed, all),
      onFirstByte: () => this.#events.onFirst(),
      log: this.#log,
    });
  }

  #tellPushes(changed: PushReport[], all: PushReport[]): void {
    for (const report of changed) this.#events.send({ t: 'push', report });
    this.show?.setPushes(all.map(({ startedAtMs: _, endedAtMs: __, ...push }) => push));
  }
}
