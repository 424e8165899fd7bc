import type { PushReport } from '../../../plan.ts';
import { audioPayload, videoPayload } from './flv-payload.ts';
import type { QueuedPacket } from './gop-queue.ts';
import { PushOutput } from './push.ts';
import { parsePushUrl } from './push-address.ts';
import type { DialOptions } from './push-connection.ts';
import { dialerOf } from './push-dialer.ts';

export type PushSetDeps = DialOptions & {
  /** `changed` since the last call, and all as they are now. */
  onReports(changed: PushReport[], all: PushReport[]): void;
  onFirstByte(): void;
};

/** All destinations of one egress: each gets the same encoded pieces, packed once. Added and removed while live. */
export class PushSet {
  readonly #deps: PushSetDeps;
  readonly #outputs = new Map<string, PushOutput>();
  readonly #closing = new Set<Promise<void>>();

  constructor(deps: PushSetDeps) {
    this.#deps = deps;
  }

  get size(): number {
    return this.#outputs.size;
  }

  add(push: { id: string; url: string }): void {
    if (this.#outputs.has(push.id)) return;
    const { media, targets, trusted, log, onFirstByte } = this.#deps;
    const address = parsePushUrl(push.url);
    const output: PushOutput = new PushOutput(push.id, {
      audioOnly: media.video === null,
      dialer: address && dialerOf(address, { media, targets, trusted, log }),
      host: address?.host ?? '',
      log,
      onFirstByte,
      onReport: (report) => this.#tell(output, report),
    });
    this.#outputs.set(push.id, output);
    output.open();
  }

  /** Ends one destination; its last report says `stopped`. It may be added again at once. */
  remove(id: string): void {
    const output = this.#outputs.get(id);
    if (!output) return;
    const closing: Promise<void> = output.close().finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
    this.#outputs.delete(id);
    this.#deps.onReports([], this.#all());
  }

  /** @param packet `ms` on the show's clock, `data` with 32-bit NAL lengths */
  video(packet: { ms: number; key: boolean; data: Buffer }): void {
    if (this.#outputs.size === 0) return;
    this.#offer({ kind: 'video', ms: packet.ms, key: packet.key, payload: videoPayload(packet.data, packet.key) });
  }

  audio(packet: { ms: number; data: Buffer }): void {
    if (this.#outputs.size === 0) return;
    this.#offer({ kind: 'audio', ms: packet.ms, key: true, payload: audioPayload(packet.data) });
  }

  async close(): Promise<void> {
    await Promise.all([...[...this.#outputs.values()].map((output) => output.close()), ...this.#closing]);
  }

  #offer(packet: QueuedPacket): void {
    for (const output of this.#outputs.values()) output.add(packet);
  }

  #tell(output: PushOutput, report: PushReport): void {
    // One that was removed and added again has two reporters for a moment: only the new one counts.
    if (this.#outputs.get(report.id) !== output) return;
    this.#deps.onReports([report], this.#all());
  }

  #all(): PushReport[] {
    return [...this.#outputs.values()].map((output) => output.report);
  }
}
