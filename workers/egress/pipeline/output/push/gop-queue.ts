/** One encoded piece for a destination; `key` = a picture that can be decoded by itself. */
export type QueuedPacket = { kind: 'video' | 'audio'; ms: number; key: boolean; payload: Buffer };

export type QueueLimits = { maxMs: number; maxBytes: number };

/**
 * Packets on their way to one destination, bounded in time and bytes. What is dropped begins at a key frame and ends before one, so
 * that the receiver can decode at every point.
 */
export class GopQueue {
  readonly #limits: QueueLimits;
  readonly #audioOnly: boolean;
  #packets: QueuedPacket[] = [];
  #bytes = 0;
  #waitForKey: boolean;
  /** The pictures before a connection's first key frame were never due: not counted as dropped. */
  #begun = false;
  /** Pictures dropped, and pictures that came, since the start. */
  droppedFrames = 0;
  frames = 0;

  constructor(limits: QueueLimits, audioOnly: boolean) {
    this.#limits = limits;
    this.#audioOnly = audioOnly;
    this.#waitForKey = !audioOnly;
  }

  get length(): number {
    return this.#packets.length;
  }

  get bytes(): number {
    return this.#bytes;
  }

  add(packet: QueuedPacket): void {
    if (packet.kind === 'video') this.frames++;
    if (this.#waitForKey) {
      if (!packet.key || packet.kind !== 'video') {
        if (packet.kind === 'video' && this.#begun) this.droppedFrames++;
        return;
      }
      this.#waitForKey = false;
      this.#begun = true;
    }
    this.#packets.push(packet);
    this.#bytes += packet.payload.length;
    if (this.#isOver(packet.ms)) this.#cut();
  }

  shift(): QueuedPacket | undefined {
    const packet = this.#packets.shift();
    if (packet) this.#bytes -= packet.payload.length;
    return packet;
  }

  #isOver(newestMs: number): boolean {
    const oldest = this.#packets[0];
    return oldest !== undefined && (newestMs - oldest.ms > this.#limits.maxMs || this.#bytes > this.#limits.maxBytes);
  }

  /** Everything before the newest key frame goes; without one, everything, and the next key frame is waited for. */
  #cut(): void {
    const from = this.#audioOnly
      ? Math.floor(this.#packets.length / 2)
      : this.#packets.findLastIndex((packet) => packet.kind === 'video' && packet.key);
    // A single group larger than the bounds is given up as a whole.
    const keep = from > 0 ? from : this.#packets.length;
    const dropped = this.#packets.slice(0, keep);
    this.#packets = this.#packets.slice(keep);
    this.#bytes = this.#packets.reduce((sum, packet) => sum + packet.payload.length, 0);
    this.droppedFrames += dropped.filter((packet) => packet.kind === 'video').length;
    if (this.#packets.length === 0) this.#waitForKey = !this.#audioOnly;
  }
}
