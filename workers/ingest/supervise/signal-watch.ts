import type { SignalHealth } from '#core/ingest/signal-health';
import type { StreamFacts } from '../publish/wire.ts';
import type { RecordingStand } from '../record/recording.ts';
import { adviseOn, HELD_UP_OVER_S } from './advice.ts';

const SILENT_DB = -60;
const DISTORTED_DB = -0.3;
/** Fewer pictures than this share of what the encoder told is an encoder that cannot keep up. */
const SLOW_SHARE = 0.85;
const LAGGING_MS = 500;
/** Held up for so long here, what an encoder leaves out may be our doing: it could not send, ms. */
const HOLDS_UP_ENCODER_MS = 500;
const LATELY = 10;

export type SignalPlace = {
  encoder: string;
  onAir: 'primary' | 'backup';
  standby: boolean;
  roundTripMs: number | null;
};

/** What of the signal's way is our own doing. */
export type OurPart = {
  /** Of each process that media passes before the media process: how long it was held up since its beginning, ms. */
  heldUpMs: number[];
  recording: RecordingStand | null;
};

/** Sums up the seconds of one connection, so that advice rests on more than one of them. To be fed once a second. */
export class SignalWatch {
  private forS = 0;
  private silentS = 0;
  private loudS = 0;
  private slowS = 0;
  private lateS = 0;
  private lateBefore = 0;
  private readonly dropped: number[] = [];
  private readonly heldUp: number[] = [];
  private heldUpBefore: number[] = [];

  next(facts: StreamFacts, place: SignalPlace, { heldUpMs, recording }: OurPart): SignalHealth {
    const { video, audio } = facts;
    this.forS += 1;
    const count = (before: number, isSo: boolean) => (isSo ? before + 1 : 0);
    this.silentS = count(this.silentS, audio?.rmsDb != null && audio.rmsDb < SILENT_DB);
    this.loudS = count(this.loudS, audio?.peakDb != null && audio.peakDb > DISTORTED_DB);
    const heldUpLatelyMs = this.sumHeldUp(facts, heldUpMs);
    this.slowS = count(this.slowS, isSlow(facts) && heldUpLatelyMs < HOLDS_UP_ENCODER_MS);
    this.lateS = count(this.lateS, facts.lagMs > LAGGING_MS || facts.lateTags > this.lateBefore);
    this.lateBefore = facts.lateTags;
    this.dropped.push(facts.droppedPictures);
    if (this.dropped.length > LATELY) this.dropped.shift();
    const { mode, reason, cores, droppedPictures, lateTags, lagMs } = facts;
    // This second's rate: what the encoder keeps of the one it declares.
    const seen = video && { ...video, fps: facts.fpsSeen || video.fps };
    const health = { ...place, video: seen, audio, mode, reason, cores, droppedPictures, lateTags, lagMs };
    const droppedLately = droppedPictures - (this.dropped[0] ?? 0);
    const { forS, silentS, loudS, slowS, lateS } = this;
    const late = { lateS, lateMs: Math.max(facts.lateMs, lagMs), heldUpMs: heldUpLatelyMs, recording };
    return { ...health, notes: adviseOn({ facts, health, forS, silentS, loudS, slowS, ...late, droppedLately }) };
  }

  /** A machine that is full holds up all of them at once: the worst of each second counts. */
  private sumHeldUp(facts: StreamFacts, totals: number[]): number {
    // The first look only tells where each begins.
    const news = this.heldUpBefore.map((before, i) => (totals[i] ?? 0) - before);
    this.heldUpBefore = totals;
    this.heldUp.push(Math.max(facts.heldUpMs, ...news));
    if (this.heldUp.length > HELD_UP_OVER_S) this.heldUp.shift();
    return this.heldUp.reduce((sum, one) => sum + one, 0);
  }
}

function isSlow({ video, fpsTold, fpsSeen }: StreamFacts): boolean {
  return video !== null && fpsTold > 0 && fpsSeen > 0 && fpsSeen < fpsTold * SLOW_SHARE;
}
