import type { EncoderPlan, HardwareEncoder as Name } from '../../plan.ts';
import { presetFor } from './effort.ts';
import { HARDWARE, x264 } from './encoder-kinds.ts';
import { HardwareEncoder } from './hardware-encoder.ts';
import type { RungEncoder } from './rung-line.ts';
import { VideoEncoder, type VideoSettings } from './video.ts';

export type OpenHardware = (settings: VideoSettings, name: Name, device: string | null) => Promise<RungEncoder>;
type ChoiceLog = { warn(facts: object, sentence: string): void };

const openHardware: OpenHardware = (settings, name, device) => HardwareEncoder.open(settings, HARDWARE[name], device);

/**
 * Encoders as the operator wants them: the first of the list that opens, x264 when none does. A kind that gave nothing is not tried
 * again in this process; one that serves some rungs and not another (GPUs bound their sessions) leaves that rung to the next.
 */
export class EncoderChoice {
  readonly #plan: EncoderPlan;
  readonly #openHardware: OpenHardware;
  readonly #log: ChoiceLog;
  readonly #out = new Set<string>();
  readonly #served = new Set<string>();
  readonly #notes = new Map<string, string>();

  /** @param open how a hardware encoder is had; tests give one of their own */
  constructor(plan: EncoderPlan | undefined, log: ChoiceLog, open: OpenHardware = openHardware) {
    this.#plan = plan ?? { names: [], device: null };
    this.#log = log;
    this.#openHardware = open;
    for (const { name, reason } of this.#plan.lost ?? []) {
      this.#out.add(name);
      this.#notes.set(name, `${name} failed while on air (${reason}). The next encoder has taken its place.`);
    }
  }

  /** @throws only when x264 cannot be had either */
  async open(settings: VideoSettings): Promise<RungEncoder> {
    for (const name of this.#plan.names) {
      if (this.#out.has(name)) continue;
      try {
        const encoder = await this.#openHardware(settings, name, this.#plan.device);
        this.#served.add(name);
        return encoder;
      } catch (error) {
        this.#note(name, settings, error);
      }
    }
    return VideoEncoder.open(settings, x264(this.#plan.preset ?? presetFor(settings)));
  }

  /** Sentences for an operator; none when all is as it was wanted. */
  get notes(): string[] {
    return [...this.#notes.values()];
  }

  #note(name: Name, { width, height }: VideoSettings, error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    const served = this.#served.has(name);
    if (!served) this.#out.add(name);
    if (this.#notes.has(name)) return;
    const sentence = served
      ? `${name} encodes some rungs and not ${width} × ${height} (${reason}). The next encoder does that one.`
      : `${name} is not to be had (${reason}). The next encoder is used.`;
    this.#notes.set(name, sentence);
    this.#log.warn({ encoder: name, reason }, sentence);
  }
}
