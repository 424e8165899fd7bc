import { DisconnectReason } from '@livekit/rtc-node';
import type { Logger } from 'pino';
import type { ProgramPicture, ProgramSink } from '../../program-sink.ts';
import { SeatLink, type SeatTarget } from './seat-link.ts';
import { type OpenScaler, SeatPicture, seatSize } from './seat-picture.ts';

export type SeatsInput = {
  livekit: SeatTarget['livekit'];
  program: { width: number; height: number; fps: number; bitrateKbps: number };
  has: SeatTarget['has'];
  openScaler: OpenScaler;
  /** Asks the worker for the cores that seats cost; it answers by `allow`. Called with false when they are given back. */
  askRoom(wanted: boolean): void;
  log: Logger;
};

type State = 'off' | 'waiting-for-room' | 'connecting' | 'live' | 'retrying';

const BACK_OFF_MS = [500, 1000, 2000, 4000];
/** Somebody else is the program (a worker that took over, or one that is being replaced): they get time to go. */
const DUPLICATE_MS = 30_000;
/** A worker without room is asked again. */
const ASK_AGAIN_MS = 10_000;

/**
 * The program for viewers in WebRTC seats: published into a room of its own while the stage's room asks for it. Nothing here is waited
 * for by the clock: a picture that comes while the one before is worked on replaces it, sound beyond 100 ms is dropped.
 */
export class Seats implements ProgramSink {
  readonly #input: SeatsInput;
  #roomName: string | null = null;
  #state: State = 'off';
  #allowed = false;
  #link: SeatLink | null = null;
  #converter: SeatPicture | null = null;
  #converting: Promise<void> | null = null;
  #running: Promise<void> | null = null;
  #wake: () => void = () => {};
  #asking: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(input: SeatsInput) {
    this.#input = input;
  }

  /** The room that the stage's metadata names just now; null = no seats. Repeated calls change nothing. */
  want(roomName: string | null): void {
    if (this.#closed || roomName === this.#roomName) return;
    this.#roomName = roomName;
    this.#wake();
    if (roomName) this.#ask();
    else this.#giveBack();
  }

  /** The worker's answer to `askRoom`. */
  allow(allowed: boolean): void {
    if (!this.#roomName || this.#closed) {
      // No longer wanted when the answer came: the cores are given back.
      if (allowed) this.#input.askRoom(false);
      return;
    }
    this.#allowed = allowed;
    if (allowed) {
      this.#running ??= this.#run().finally(() => {
        this.#running = null;
        // Wanted again in the moment between the last look and the end.
        if (this.#roomName && this.#allowed) this.allow(true);
      });
      return;
    }
    this.#input.log.warn(
      { room: this.#roomName },
      'no room for the WebRTC program on this worker, asked again in 10 s',
    );
    this.#asking = setTimeout(() => this.#ask(), ASK_AGAIN_MS);
  }

  picture({ frame }: ProgramPicture): void {
    const link = this.#link;
    if (!link || !this.#input.has.picture || this.#converting) return;
    this.#converter ??= new SeatPicture(this.#input.program, this.#input.openScaler);
    // Held by reference while it is scaled; the pool writes into no frame that is held.
    const held = frame.clone();
    if (!held) return;
    this.#converting = this.#converter
      .convert(held)
      .then((picture) => link.picture(picture))
      .catch((error: unknown) => this.#input.log.warn({ err: String(error) }, 'a picture did not reach the seats'))
      .finally(() => {
        held.free();
        this.#converting = null;
      });
  }

  sound(block: Float32Array): void {
    this.#link?.sound(block);
  }

  /** For the inspect page; `queue` is what was dropped of the sound so far. */
  facts(): { kind: string; state: string; queue: number }[] {
    if (!this.#roomName) return [];
    return [{ kind: 'seats', state: this.#state, queue: this.#link?.droppedBlocks ?? 0 }];
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#roomName = null;
    this.#giveBack();
    this.#wake();
    await this.#running;
    await this.#converting;
    this.#converter?.close();
    this.#converter = null;
  }

  #ask(): void {
    if (this.#closed || !this.#roomName) return;
    if (this.#allowed) return this.allow(true);
    this.#state = 'waiting-for-room';
    this.#input.askRoom(true);
  }

  #giveBack(): void {
    if (this.#asking) clearTimeout(this.#asking);
    this.#asking = null;
    this.#state = 'off';
    if (this.#allowed) this.#input.askRoom(false);
    this.#allowed = false;
  }

  /** Stays in the wanted room, whatever happens, until none is wanted. */
  async #run(): Promise<void> {
    for (let attempt = 0; this.#roomName && this.#allowed; ) {
      const roomName = this.#roomName;
      const changed = new Promise<'changed'>((resolve) => {
        this.#wake = () => resolve('changed');
      });
      this.#state = attempt === 0 ? 'connecting' : 'retrying';
      let pauseMs = BACK_OFF_MS[Math.min(attempt, BACK_OFF_MS.length - 1)] ?? 4000;
      try {
        const opening = SeatLink.open(this.#target(roomName));
        const link = await Promise.race([opening, changed]);
        if (link === 'changed') {
          // LiveKit may take half a minute to say no: neither another room nor the end of the show waits for it.
          opening.then((late) => late.close()).catch(() => undefined);
          continue;
        }
        attempt = 0;
        this.#state = 'live';
        this.#link = link;
        this.#input.log.info({ room: roomName }, 'the WebRTC program is live');
        const why = await Promise.race([link.gone, changed]);
        this.#link = null;
        await link.close();
        if (why === 'changed') {
          this.#input.log.info({ room: roomName }, 'the WebRTC program ended');
          continue;
        }
        this.#input.log.warn({ room: roomName, reason: DisconnectReason[why] }, 'the WebRTC program lost its room');
        if (why === DisconnectReason.DUPLICATE_IDENTITY) pauseMs = DUPLICATE_MS;
      } catch (error) {
        this.#input.log.warn({ room: roomName, err: String(error) }, 'the WebRTC program cannot be published');
      }
      attempt++;
      this.#state = 'retrying';
      await pause(pauseMs, changed);
    }
    this.#state = 'off';
  }

  #target(roomName: string): SeatTarget {
    const { livekit, program, has } = this.#input;
    const { fps, bitrateKbps } = program;
    return { roomName, livekit, size: seatSize(program), fps, bitrateKbps, has };
  }
}

async function pause(ms: number, sooner: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([over, sooner]);
  clearTimeout(timer);
}
