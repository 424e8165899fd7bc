import type { ErrorData, HlsConfig, LevelDetails } from 'hls.js';
import type { EngineFailure } from '../core/recovery.ts';
import { keepGrant, withNewestGrant } from '../grant/keep-grant.ts';
import type { Engine, EngineEvents } from './engine.ts';

/** Loaded once for the page, and only when something is to be played. */
let library: Promise<typeof import('hls.js')> | undefined;

/** Starts loading the engine's code without waiting for it. */
export function preloadEngine(): Promise<typeof import('hls.js')> {
  library ??= import('hls.js').catch((error: unknown) => {
    library = undefined;
    throw error;
  });
  return library;
}

const CONFIG: Partial<HlsConfig> = {
  lowLatencyMode: true,
  // 1 = hls.js never writes playbackRate: how close to sit is decided by core/latency.ts.
  maxLiveSyncPlaybackRate: 1,
  liveDurationInfinity: true,
  backBufferLength: 30,
  maxBufferLength: 20,
  // Our pieces are CMAF and pass through as they are: a worker would parse the whole library once more for nothing.
  enableWorker: false,
  // Captions are drawn by the skin, in the viewer's style; hls.js makes the tracks.
  enableIMSC1: false,
  capLevelToPlayerSize: true,
  // An open request is left as it is by hls.js: every address goes out with the newest grant.
  xhrSetup: (xhr, url) => xhr.open('GET', withNewestGrant(url), true),
  // A piece that fails is asked for again quickly: at a second's latency a slow retry is a stall.
  fragLoadPolicy: {
    default: {
      maxTimeToFirstByteMs: 8_000,
      maxLoadTimeMs: 20_000,
      timeoutRetry: { maxNumRetry: 2, retryDelayMs: 0, maxRetryDelayMs: 0 },
      errorRetry: { maxNumRetry: 6, retryDelayMs: 200, maxRetryDelayMs: 2_000, backoff: 'exponential' },
    },
  },
};

/**
 * Plays a multivariant playlist through hls.js.
 * @returns null when this browser has no Media Source Extensions; try the native engine then
 */
export async function openHlsEngine(
  video: HTMLVideoElement,
  url: string,
  events: EngineEvents,
): Promise<Engine | null> {
  const { default: Hls } = await preloadEngine();
  if (!Hls.isSupported()) return null;
  const hls = new Hls(CONFIG);
  let details: LevelDetails | null = null;
  let destroyed = false;

  hls.on(Hls.Events.MANIFEST_PARSED, () => {
    events.onQualities(
      hls.levels.map((level, index) => ({
        id: String(index),
        height: level.height,
        bitrateKbps: Math.round(level.bitrate / 1000),
      })),
    );
  });
  hls.on(Hls.Events.BUFFER_APPENDED, () => events.onArrival());
  hls.on(Hls.Events.LEVEL_SWITCHED, (_event, { level }) => events.onPlaying(String(level)));
  hls.on(Hls.Events.LEVEL_UPDATED, (_event, data) => {
    details = data.details;
    events.onLive(data.details.live);
  });
  hls.on(Hls.Events.ERROR, (_event, data) => {
    if (data.fatal && !destroyed) events.onFailure(failureOf(data, Hls.ErrorTypes));
  });
  const stopGrant = keepGrant(url);
  hls.loadSource(url);
  hls.attachMedia(video);

  return {
    name: 'hls.js',
    liveEdgeS: () => (details?.live ? details.edge + details.age : null),
    holdBackS: () => (details?.live && !details.partTarget ? details.holdBack || 3 * details.targetduration : 0),
    floorS: () => (details?.partTarget ? Math.max(0, details.partHoldBack - 2 * details.partTarget) : 0),
    setQuality(id) {
      hls.nextLevel = id === 'auto' ? -1 : Number(id);
    },
    setCap(id) {
      hls.capLevelToPlayerSize = id === null;
      hls.autoLevelCapping = id === null ? -1 : Number(id);
    },
    audioUrl: () => hls.audioTracks[Math.max(0, hls.audioTrack)]?.url ?? null,
    dateMs: () => hls.playingDate?.getTime() ?? null,
    timeOfDateS(dateMs) {
      const first = details?.fragments.find(({ programDateTime }) => programDateTime !== null);
      return first?.programDateTime ? first.start + (dateMs - first.programDateTime) / 1000 : null;
    },
    showOffsetS() {
      const first = details?.fragments[0];
      return first && details
        ? Number(first.sn) * (details.averagetargetduration ?? details.targetduration) - first.start
        : 0;
    },
    facts() {
      const level = hls.levels[hls.currentLevel];
      return {
        bitrateKbps: level ? Math.round(level.bitrate / 1000) : null,
        bandwidthKbps: Number.isFinite(hls.bandwidthEstimate) ? Math.round(hls.bandwidthEstimate / 1000) : null,
        codecs: level ? [level.videoCodec, level.audioCodec].filter(Boolean).join(', ') || null : null,
        fps: level?.frameRate || null,
        partS: details?.partTarget || details?.targetduration || null,
      };
    },
    mendDecoder() {
      hls.recoverMediaError();
    },
    destroy() {
      if (destroyed) return;
      destroyed = true;
      stopGrant();
      hls.destroy();
    },
  };
}

function failureOf(data: ErrorData, types: typeof import('hls.js').ErrorTypes): EngineFailure {
  const atManifest = data.details.startsWith('manifest');
  const status = data.response?.code || undefined;
  if (data.details === 'manifestIncompatibleCodecsError' || data.details === 'bufferAddCodecError') {
    return { kind: 'unsupported', atManifest };
  }
  if (data.type === types.NETWORK_ERROR) return { kind: 'network', status, atManifest };
  if (data.type === types.MEDIA_ERROR) return { kind: 'media', atManifest };
  return { kind: 'other', atManifest };
}
