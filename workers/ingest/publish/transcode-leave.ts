/** Refused once, it is asked again after this long, ms: processor may have come free. */
const ASK_AGAIN_MS = 5_000;

export type Leave = { state: 'granted' } | { state: 'asked' } | { state: 'refused'; sentence: string };

/** Leave of the worker to begin a transcode: it knows what the machine has left, and what others were promised. Answers come later. */
export class TranscodeLeave {
  private leave: Leave | null = null;
  private refusedAtMs = 0;

  constructor(
    private readonly ask: (cores: number) => void,
    private readonly now: () => number = performance.now.bind(performance),
  ) {}

  /** Asks where it has to be asked. @param cores what the transcode will take, as far as known */
  request(cores: number): Leave {
    const isOld = this.leave?.state === 'refused' && this.now() - this.refusedAtMs > ASK_AGAIN_MS;
    if (this.leave !== null && !isOld) return this.leave;
    // A refusal stands until the new answer.
    this.refusedAtMs = this.now();
    if (this.leave === null) this.leave = { state: 'asked' };
    this.ask(cores);
    return this.leave;
  }

  /** @param refusal why not; empty when it may begin */
  answer(refusal: string): void {
    if (this.leave === null) return;
    this.refusedAtMs = this.now();
    this.leave = refusal === '' ? { state: 'granted' } : { state: 'refused', sentence: refusal };
  }

  /** Why a transcode that is needed does not begin; null when nothing is missing. */
  get refusal(): string | null {
    return this.leave?.state === 'refused' ? this.leave.sentence : null;
  }

  /** The transcode has ended, or is not needed any more. */
  giveBack(): void {
    this.leave = null;
  }
}
