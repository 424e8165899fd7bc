import type { Logger } from 'pino';
import { audioPayload, videoPayload } from './flv-payload.ts';
import { type PushMedia, PushOutput, type PushReport } from './push.ts';
import type { TargetRules } from './target.ts';

export type PushSetDeps = {
  media: PushMedia;
  targets: TargetRules | undefined;
  /** `changed` since the last call, and all as they are now. */
  onReports(changed: PushReport[], all: PushReport[]): void;
  onFirstByte(): void;
  log: Logger;
};

/** All destinations of one egress: each gets the same encoded pieces, packed once. Added and removed while live. */
export class PushSet {
  readonly #deps: PushSetDeps;
  readonly #outputs = new Map<string, PushOutput>();

  constructor(deps: PushSetDeps) {
    this.#deps = deps;
  }

  add(push: { id: string; url: string }): void {
    if (this.#outputs.has(push.id)) return;
    const { media, targets, log, onFirstByte } = this.#deps;
    const output = new PushOutput(push, {
      media,
      targets,
      log,
      onFirstByte,
      onReport: (report) => this.#tell(report),
    });
    this.#outputs.set(push.id, output);
    output.open();
  }

  /** Ends one destination; its last report says `stopped`. */
  remove(id: string): void {
    const output = this.#outputs.get(id);
    if (!output) return;
    void output.close().then(() => {
      this.#outputs.delete(id);
      this.#deps.onReports([], this.#all());
    });
  }

  /** @param packet `ms` on the show's clock, `data` with 32-bit NAL lengths */
  video(packet: { ms: number; key: boolean; data: Buffer }): void {
    if (this.#outputs.size === 0) return;
    const payload = videoPayload(packet.data, packet.key);
    for (const output of this.#outputs.values()) output.add({ kind: 'video', ms: packet.ms, key: packet.key, payload });
  }

  audio(packet: { ms: number; data: Buffer }): void {
    if (this.#outputs.size === 0) return;
    const payload = audioPayload(packet.data);
    for (const output of this.#outputs.values()) output.add({ kind: 'audio', ms: packet.ms, key: true, payload });
  }

  async close(): Promise<void> {
    await Promise.all([...this.#outputs.values()].map((output) => output.close()));
  }

  #tell(report: PushReport): void {
    this.#deps.onReports([report], this.#all());
  }

  #all(): PushReport[] {
    return [...this.#outputs.values()].map((output) => output.report);
  }
}
