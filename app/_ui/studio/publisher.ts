/**
 * Keeps this browser's camera and microphone in the channel's room: connects, and after a loss connects again with a fresh
 * token, as long as it is wanted. Knows no SDK: `connect` is handed in.
 */
export type PublisherState =
  | { kind: 'off' }
  | { kind: 'connecting' }
  | { kind: 'connected' }
  /** The SDK mends the connection by itself; media may still flow. */
  | { kind: 'reconnecting' }
  /** Between two tries of ours. */
  | { kind: 'retrying'; attempt: number }
  /** The same host joined from elsewhere; this one stands back. */
  | { kind: 'taken-over' }
  /** Somebody ended it for us: removed from the stage. */
  | { kind: 'removed' };

export type LossReason = 'taken-over' | 'removed' | 'lost';

export type RoomEvents = {
  onReconnecting(): void;
  onReconnected(): void;
  onLost(reason: LossReason): void;
};

/** One live connection to a room. */
export type RoomLink = {
  /** Publishes, replaces or (null) unpublishes. Resolves when the server has taken it. */
  setTracks(tracks: PublishedTracks): Promise<void>;
  close(): Promise<void>;
};

export type PublishedTracks = {
  camera: MediaStreamTrack | null;
  microphone: MediaStreamTrack | null;
  screen: MediaStreamTrack | null;
  /** For the top layer, bits per second. */
  cameraBitrate: number;
};

export type Publisher = {
  state(): PublisherState;
  /** Resolves when connected and published for the first time. @throws what the first try threw */
  start(): Promise<void>;
  /** Gives the current tracks; while off it only remembers them. */
  setTracks(tracks: PublishedTracks): Promise<void>;
  stop(): Promise<void>;
};

export type PublisherParts = {
  connect(events: RoomEvents): Promise<RoomLink>;
  onState(state: PublisherState): void;
  /** Waits; ends early when the signal aborts. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
};

const NO_TRACKS: PublishedTracks = { camera: null, microphone: null, screen: null, cameraBitrate: 2_500_000 };
const RETRY_MS = [500, 1000, 2000, 4000, 8000] as const;

/** Milliseconds before the given try (1 = first after a loss). */
export function retryDelayMs(attempt: number): number {
  return RETRY_MS[Math.min(attempt, RETRY_MS.length) - 1] ?? 8000;
}

export function makePublisher(parts: PublisherParts): Publisher {
  let state: PublisherState = { kind: 'off' };
  let link: RoomLink | null = null;
  let tracks = NO_TRACKS;
  // Raised by each start and stop: what belongs to an older run finds itself outdated.
  let run = new AbortController();

  function enter(next: PublisherState): void {
    state = next;
    parts.onState(next);
  }

  async function open(signal: AbortSignal): Promise<void> {
    const opened = await parts.connect({
      onReconnecting: () => !signal.aborted && enter({ kind: 'reconnecting' }),
      onReconnected: () => !signal.aborted && enter({ kind: 'connected' }),
      onLost: (reason) => {
        if (signal.aborted || link !== opened) return;
        link = null;
        if (reason === 'lost') void retry(signal);
        else enter({ kind: reason });
      },
    });
    if (signal.aborted) return opened.close();
    link = opened;
    try {
      await opened.setTracks(tracks);
    } catch (error) {
      link = null;
      await opened.close();
      throw error;
    }
    if (!signal.aborted && link === opened) enter({ kind: 'connected' });
  }

  async function retry(signal: AbortSignal): Promise<void> {
    for (let attempt = 1; !signal.aborted; attempt++) {
      enter({ kind: 'retrying', attempt });
      await parts.wait(retryDelayMs(attempt), signal);
      if (signal.aborted) return;
      try {
        return await open(signal);
      } catch {
        // The state says that we try again; why it failed is in the server's log.
      }
    }
  }

  async function stop(): Promise<void> {
    run.abort();
    const closing = link;
    link = null;
    if (state.kind !== 'off') enter({ kind: 'off' });
    await closing?.close();
  }

  return {
    state: () => state,
    async start() {
      await stop();
      run = new AbortController();
      const { signal } = run;
      enter({ kind: 'connecting' });
      try {
        await open(signal);
      } catch (error) {
        if (!signal.aborted) enter({ kind: 'off' });
        throw error;
      }
    },
    async setTracks(next) {
      tracks = next;
      await link?.setTracks(next);
    },
    stop,
  };
}
