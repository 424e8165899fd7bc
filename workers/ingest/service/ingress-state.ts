import { IngressState, IngressState_Status, InputAudioState, InputVideoState } from '@livekit/protocol';
import type { IngestReport, IngestState } from './ports.ts';

const STATUS_OF: Record<IngestState, IngressState_Status> = {
  idle: IngressState_Status.ENDPOINT_INACTIVE,
  connecting: IngressState_Status.ENDPOINT_BUFFERING,
  publishing: IngressState_Status.ENDPOINT_PUBLISHING,
  failed: IngressState_Status.ENDPOINT_ERROR,
};

/** When the session that a report belongs to began and ended; ms since 1970, 0 = not yet. */
export type IngestSession = { startedAtMs: number; endedAtMs: number };

/**
 * The session after a report: it begins with the first report that is neither idle nor failed, and ends with the next one that is.
 * LiveKit refuses a state whose session began before the stored one.
 */
export function nextSession(before: IngestSession | null, state: IngestState, nowMs: number): IngestSession {
  const running = state === 'connecting' || state === 'publishing';
  if (running) return before && before.endedAtMs === 0 ? before : { startedAtMs: nowMs, endedAtMs: 0 };
  if (!before) return { startedAtMs: nowMs, endedAtMs: nowMs };
  return before.endedAtMs === 0 ? { ...before, endedAtMs: nowMs } : before;
}

const ns = (ms: number) => BigInt(Math.round(ms)) * 1_000_000n;
const bits = (kbps: number) => Math.max(0, Math.round(kbps * 1000));

/** A report in LiveKit's words. Times are nanoseconds on the wire, bitrates bits per second. */
export function toIngressState(report: IngestReport, session: IngestSession, nowMs: number): IngressState {
  const { video, audio } = report;
  return new IngressState({
    status: report.isComplete ? IngressState_Status.ENDPOINT_COMPLETE : STATUS_OF[report.state],
    error: report.error ?? (report.state === 'failed' ? report.sentence : ''),
    roomId: report.roomId ?? '',
    startedAt: ns(session.startedAtMs),
    endedAt: ns(session.endedAtMs),
    updatedAt: ns(nowMs),
    video: video
      ? new InputVideoState({
          mimeType: video.mimeType,
          averageBitrate: bits(video.bitrateKbps),
          width: video.width,
          height: video.height,
          framerate: video.fps,
        })
      : undefined,
    audio: audio
      ? new InputAudioState({
          mimeType: audio.mimeType,
          averageBitrate: bits(audio.bitrateKbps),
          channels: audio.channels,
          sampleRate: audio.sampleRate,
        })
      : undefined,
  });
}
