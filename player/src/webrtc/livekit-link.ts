import {
  ConnectionError,
  ConnectionErrorReason,
  DisconnectReason,
  type RemoteTrack,
  Room,
  RoomEvent,
  Track,
} from 'livekit-client';
import { type LinkEnd, SeatError, type SeatFacts, type SeatLink, type SeatTicket } from './seat-link.ts';

const SIGNAL_LIMIT_MS = 5_000;
const ICE_LIMIT_MS = 8_000;
/** The engine needs a moment to open its program for the first seat. */
const PICTURE_LIMIT_MS = 15_000;
/** Sound comes with the picture; a program without any is played all the same. */
const SOUND_LIMIT_MS = 700;
const LOOK_EVERY_MS = 500;
/** Sound and picture are sent without a pause: as long as this without a byte is a connection that is gone. */
const SILENT_MS = 1_500;

/**
 * Joins the seats' room and waits until its picture can be shown.
 * @throws SeatError 'unreachable', 'lost' for a token that is refused, 'noPicture'
 */
export async function openLivekitLink({ livekitUrl, token }: SeatTicket, signal: AbortSignal): Promise<SeatLink> {
  const room = new Room({
    adaptiveStream: false,
    dynacast: false,
    // Whoever cannot be reached again at once plays on over HLS meanwhile.
    reconnectPolicy: { nextRetryDelayInMs: ({ retryCount }) => (retryCount < 3 ? 300 : null) },
  });
  const stream = new MediaStream();
  const tracks = new Set<RemoteTrack>();
  let end: (reason: LinkEnd) => void = () => {};
  const gone = new Promise<LinkEnd>((resolve) => {
    end = resolve;
  });
  const heard = new EventTarget();
  room.on(RoomEvent.TrackSubscribed, (track) => {
    tracks.add(track);
    stream.addTrack(track.mediaStreamTrack);
    heard.dispatchEvent(new Event(track.kind));
  });
  // The program left its room: it ended, or comes again in a new one. Not before the room has had its say: a disconnection takes the tracks
  // first, and tells its reason after.
  room.on(RoomEvent.TrackUnsubscribed, () => setTimeout(() => end('lost')));
  room.on(RoomEvent.Disconnected, (reason) =>
    end(reason === DisconnectReason.PARTICIPANT_REMOVED ? 'takenBack' : 'lost'),
  );
  const close = () => {
    room.removeAllListeners();
    void room.disconnect().catch(() => {});
  };
  signal.addEventListener('abort', close, { once: true });
  const has = (kind: Track.Kind) => [...tracks].some((track) => track.kind === kind);
  try {
    await room
      .connect(livekitUrl, token, {
        autoSubscribe: true,
        maxRetries: 0,
        websocketTimeout: SIGNAL_LIMIT_MS,
        peerConnectionTimeout: ICE_LIMIT_MS,
      })
      .catch((error: unknown) => {
        const refused = error instanceof ConnectionError && error.reason === ConnectionErrorReason.NotAllowed;
        throw new SeatError(refused ? 'lost' : 'unreachable');
      });
    const leaving = gone.then((reason) => Promise.reject(new SeatError(reason)));
    leaving.catch(() => {});
    if (!has(Track.Kind.Video)) {
      await Promise.race([leaving, once(heard, Track.Kind.Video, PICTURE_LIMIT_MS, signal)]);
    }
    if (!has(Track.Kind.Video)) throw new SeatError('noPicture');
    if (!has(Track.Kind.Audio)) await Promise.race([leaving, once(heard, Track.Kind.Audio, SOUND_LIMIT_MS, signal)]);
    await Promise.race([leaving, firstPicture(stream, signal)]);
    if (signal.aborted) throw new SeatError('lost');
  } catch (error) {
    close();
    throw error;
  }
  const watch = watchBytes(tracks, () => end('lost'));
  return {
    stream,
    gone,
    get facts() {
      return watch.facts;
    },
    close() {
      watch.stop();
      close();
    },
  };
}

/** Resolves at the event, after the limit, or when it is called off. */
function once(target: EventTarget, name: string, limitMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, limitMs);
    const done = () => {
      clearTimeout(timer);
      resolve();
    };
    target.addEventListener(name, done, { once: true });
    signal.addEventListener('abort', done, { once: true });
  });
}

/** Waits in an element that nobody sees until a picture is decoded: the one that people see changes over without a gap. */
async function firstPicture(stream: MediaStream, signal: AbortSignal): Promise<void> {
  const probe = document.createElement('video');
  probe.muted = true;
  probe.playsInline = true;
  probe.srcObject = stream;
  try {
    const loaded = once(probe, 'loadeddata', PICTURE_LIMIT_MS, signal);
    probe.play().catch(() => {});
    await loaded;
    if (probe.readyState < 2) throw new SeatError('noPicture');
  } finally {
    probe.srcObject = null;
  }
}

/** Notices that nothing comes any more, seconds before WebRTC says so, also in a tab that nobody looks at. */
function watchBytes(tracks: ReadonlySet<RemoteTrack>, onSilent: () => void): { facts: SeatFacts; stop(): void } {
  const watch = {
    facts: { bitrateKbps: null, fps: null, codecs: null } as SeatFacts,
    stop: () => clearInterval(timer),
  };
  let before = { bytes: 0, atMs: performance.now() };
  let grewAtMs = before.atMs;
  const timer = setInterval(async () => {
    const reports = await Promise.all([...tracks].map((track) => track.receiver?.getStats()));
    const all = reports.flatMap((report) => (report ? [...report.values()] : []));
    const inbound = all.filter(({ type }) => type === 'inbound-rtp');
    const bytes = inbound.reduce((sum, { bytesReceived = 0 }) => sum + bytesReceived, 0);
    const atMs = performance.now();
    if (bytes > before.bytes) {
      const kbps = (8 * (bytes - before.bytes)) / Math.max(1, atMs - before.atMs);
      const codecs = all.filter(({ type }) => type === 'codec').map(({ mimeType }) => String(mimeType).split('/')[1]);
      watch.facts = {
        bitrateKbps: Math.round(kbps),
        fps: inbound.find(({ kind }) => kind === 'video')?.framesPerSecond ?? null,
        codecs: codecs.join(', ') || null,
      };
      before = { bytes, atMs };
      grewAtMs = atMs;
    } else if (atMs - grewAtMs > SILENT_MS) onSilent();
  }, LOOK_EVERY_MS);
  return watch;
}
