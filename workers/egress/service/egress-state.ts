import {
  EgressInfo,
  EgressSourceType,
  EgressStatus,
  SegmentsInfo,
  StreamInfo,
  StreamInfo_Status,
  StreamInfoList,
} from '@livekit/protocol';
import type { PushPlan, PushReport } from '../plan.ts';
import { redactPushUrl } from './push-url.ts';
import { redactRequest } from './redact-request.ts';
import type { AcceptedRequest } from './requests.ts';
import type { StartRequest } from './start-request.ts';
import { locationOf } from './storage.ts';
import type { PipelineEnd, SegmentCount } from './supervisor.ts';

/** One push over its life; an address that was removed and added again is a new entry, as with LiveKit. */
type StreamEntry = {
  id: string;
  url: string;
  startedAtMs: number;
  endedAtMs: number;
  status: StreamInfo_Status;
  error: string;
  retries: number;
  lastRetryAtMs: number;
};

/** Everything that EgressInfo is made of. Plain data: each fact gives a new state. Times are ms since 1970, 0 = not yet. */
export type EgressState = {
  egressId: string;
  roomId: string;
  roomName: string;
  status: EgressStatus;
  startedAtMs: number;
  endedAtMs: number;
  updatedAtMs: number;
  request: EgressInfo['request'];
  streams: StreamEntry[];
  segments: { names: { playlist: string; live: string }; storage: (key: string) => string; count: SegmentCount } | null;
  error: string;
  errorCode: number;
  details: string;
  retryCount: number;
};

const ns = (ms: number) => BigInt(Math.round(ms)) * 1_000_000n;
const NO_SEGMENTS: SegmentCount = { count: 0, bytes: 0, durationMs: 0 };

function newStream({ id, url }: PushPlan): StreamEntry {
  return {
    id,
    url: redactPushUrl(url),
    startedAtMs: 0,
    endedAtMs: 0,
    status: StreamInfo_Status.ACTIVE,
    error: '',
    retries: 0,
    lastRetryAtMs: 0,
  };
}

/** STARTING, nothing seen yet. Secrets of the request are masked here, before anything is stored or sent. */
export function beginEgress(request: StartRequest, accepted: AcceptedRequest, nowMs: number): EgressState {
  const { plan, segmentNames } = accepted;
  const folder = segmentNames?.prefix ?? '';
  return {
    egressId: plan.egressId,
    roomId: request.roomId,
    roomName: plan.roomName,
    status: EgressStatus.EGRESS_STARTING,
    startedAtMs: 0,
    endedAtMs: 0,
    updatedAtMs: nowMs,
    request: redactRequest(request.request),
    streams: plan.pushes.map(newStream),
    segments:
      plan.segments && segmentNames
        ? {
            names: {
              playlist: `${folder}${segmentNames.playlistName}`,
              live: segmentNames.livePlaylistName && `${folder}${segmentNames.livePlaylistName}`,
            },
            storage: locationOf.bind(null, plan.segments.storage),
            count: NO_SEGMENTS,
          }
        : null,
    error: '',
    errorCode: 0,
    details: '',
    retryCount: 0,
  };
}

/** What of a state a successor cannot make anew from the request; plain data. */
export type SavedState = Pick<
  EgressState,
  'status' | 'startedAtMs' | 'updatedAtMs' | 'streams' | 'details' | 'retryCount'
> & { count: SegmentCount | null };

export function saveState({ status, startedAtMs, updatedAtMs, streams, details, retryCount, ...rest }: EgressState) {
  return { status, startedAtMs, updatedAtMs, streams, details, retryCount, count: rest.segments?.count ?? null };
}

/** The same egress under another worker: what was reported goes on where it was, begun anew once more. */
export function resumeEgress(first: EgressState, { count, ...saved }: SavedState, nowMs: number): EgressState {
  const segments = first.segments && count ? { ...first.segments, count } : first.segments;
  return { ...first, ...saved, segments, updatedAtMs: nowMs, retryCount: saved.retryCount + 1 };
}

export function isFinal(status: EgressStatus): boolean {
  return status > EgressStatus.EGRESS_ENDING;
}

/** First part in the feed, or first packet sent. A later one (after a restart) changes nothing. */
export function becomeActive(state: EgressState, atMs: number, nowMs: number): EgressState {
  if (state.status !== EgressStatus.EGRESS_STARTING) return state;
  return { ...state, status: EgressStatus.EGRESS_ACTIVE, startedAtMs: atMs, updatedAtMs: nowMs };
}

/** A stop was asked for, or the pipeline closes. */
export function becomeEnding(state: EgressState, details: string, nowMs: number): EgressState {
  if (state.status >= EgressStatus.EGRESS_ENDING) return state;
  return { ...state, status: EgressStatus.EGRESS_ENDING, details, updatedAtMs: nowMs };
}

export function addStream(state: EgressState, push: PushPlan, nowMs: number): EgressState {
  if (state.streams.some((stream) => stream.id === push.id && stream.endedAtMs === 0)) return state;
  return { ...state, streams: [...state.streams, newStream(push)], updatedAtMs: nowMs };
}

/** Replaces the running entry of a push; ended entries stay as they are. */
function changeStream(state: EgressState, id: string, change: (stream: StreamEntry) => StreamEntry): EgressState {
  const index = state.streams.findLastIndex((stream) => stream.id === id);
  const stream = state.streams[index];
  if (!stream || (stream.endedAtMs !== 0 && stream.status === StreamInfo_Status.FINISHED)) return state;
  const streams = [...state.streams];
  streams[index] = change(stream);
  return { ...state, streams };
}

export function removeStream(state: EgressState, id: string, nowMs: number): EgressState {
  const next = changeStream(state, id, (stream) => ({
    ...stream,
    status: StreamInfo_Status.FINISHED,
    endedAtMs: nowMs,
  }));
  return next === state ? state : { ...next, updatedAtMs: nowMs };
}

export function hasStream(state: EgressState, id: string): boolean {
  return state.streams.some((stream) => stream.id === id && stream.endedAtMs === 0);
}

/**
 * A push's report in LiveKit's words: it knows no connecting and no retrying, so that these are ACTIVE with `started_at` 0 until the
 * platform took the stream.
 */
export function reportStream(state: EgressState, report: PushReport, nowMs: number): EgressState {
  const next = changeStream(state, report.id, (stream) => {
    const failed = report.state === 'failed';
    const stopped = report.state === 'stopped';
    return {
      ...stream,
      startedAtMs: report.startedAtMs ?? stream.startedAtMs,
      endedAtMs: failed || stopped ? (report.endedAtMs ?? nowMs) : 0,
      status: failed ? StreamInfo_Status.FAILED : stopped ? StreamInfo_Status.FINISHED : StreamInfo_Status.ACTIVE,
      error: report.lastError?.sentence ?? '',
      retries: report.retries,
      lastRetryAtMs: report.retries > stream.retries ? nowMs : stream.lastRetryAtMs,
    };
  });
  return next === state ? state : { ...next, updatedAtMs: nowMs };
}

export function countSegments(state: EgressState, count: SegmentCount): EgressState {
  return state.segments ? { ...state, segments: { ...state.segments, count } } : state;
}

type Final = Pick<EgressState, 'status' | 'details' | 'error' | 'errorCode'>;

const STOP_DETAILS = 'End reason: StopEgress API';
const DETAILS: Record<PipelineEnd['cause'], string> = {
  'stop-asked': STOP_DETAILS,
  'room-deleted': 'End reason: Source closed',
  'source-gone': 'End reason: Source closed',
  'streams-gone': 'End reason: All streams stopped',
  limit: 'End reason: Session limit reached',
  'lease-lost': 'End reason: Process killed',
  failed: 'End reason: Failure',
};

function finalOf(cause: PipelineEnd['cause'], error: string | null, wasActive: boolean): Final {
  const details = DETAILS[cause];
  if (cause === 'failed' || cause === 'lease-lost') {
    const told = error ?? 'the pipeline failed';
    return { status: EgressStatus.EGRESS_FAILED, details, error: told, errorCode: 500 };
  }
  if (cause === 'limit') {
    return { status: EgressStatus.EGRESS_LIMIT_REACHED, details, error: 'Session limit reached', errorCode: 413 };
  }
  if (!wasActive) {
    const told = cause === 'stop-asked' ? 'Stop called before pipeline could start' : 'Start signal not received';
    return { status: EgressStatus.EGRESS_ABORTED, details, error: told, errorCode: 412 };
  }
  return { status: EgressStatus.EGRESS_COMPLETE, details, error: error ?? '', errorCode: 0 };
}

/** The last state. Streams that still ran are finished (or failed with the egress). Final states stay. */
export function endEgress(state: EgressState, end: PipelineEnd, nowMs: number): EgressState {
  if (isFinal(state.status)) return state;
  const final = finalOf(end.cause, end.error, state.startedAtMs !== 0);
  const failed = final.status === EgressStatus.EGRESS_FAILED;
  const counted = end.segments ? countSegments(state, end.segments) : state;
  return {
    ...counted,
    ...final,
    endedAtMs: nowMs,
    updatedAtMs: nowMs,
    streams: state.streams.map((stream) =>
      stream.endedAtMs !== 0
        ? stream
        : {
            ...stream,
            endedAtMs: nowMs,
            status: failed ? StreamInfo_Status.FAILED : StreamInfo_Status.FINISHED,
            error: failed ? stream.error || final.error : stream.error,
          },
    ),
  };
}

function streamInfo(stream: StreamEntry): StreamInfo {
  const durationMs = stream.startedAtMs && stream.endedAtMs ? Math.max(0, stream.endedAtMs - stream.startedAtMs) : 0;
  return new StreamInfo({
    url: stream.url,
    startedAt: ns(stream.startedAtMs),
    endedAt: ns(stream.endedAtMs),
    duration: ns(durationMs),
    status: stream.status,
    error: stream.error,
    retries: stream.retries,
    lastRetryAt: ns(stream.lastRetryAtMs),
  });
}

function segmentsInfo(state: EgressState): SegmentsInfo | null {
  if (!state.segments) return null;
  const { names, storage, count } = state.segments;
  return new SegmentsInfo({
    playlistName: names.playlist,
    livePlaylistName: names.live,
    playlistLocation: storage(names.playlist),
    livePlaylistLocation: names.live ? storage(names.live) : '',
    segmentCount: BigInt(count.count),
    size: BigInt(count.bytes),
    duration: ns(count.durationMs),
    startedAt: ns(state.startedAtMs),
    endedAt: ns(state.endedAtMs),
  });
}

/** LiveKit's record of the egress. The old `result` is filled only when there is a single output. */
export function toEgressInfo(state: EgressState): EgressInfo {
  const streams = state.streams.map(streamInfo);
  const segments = segmentsInfo(state);
  const result: EgressInfo['result'] =
    segments && streams.length === 0
      ? { case: 'segments', value: segments.clone() }
      : !segments && streams.length > 0
        ? { case: 'stream', value: new StreamInfoList({ info: streams }) }
        : { case: undefined };
  return new EgressInfo({
    egressId: state.egressId,
    roomId: state.roomId,
    roomName: state.roomName,
    sourceType: state.request.case === 'participant' ? EgressSourceType.SDK : EgressSourceType.WEB,
    status: state.status,
    startedAt: ns(state.startedAtMs),
    endedAt: ns(state.endedAtMs),
    updatedAt: ns(state.updatedAtMs),
    request: state.request,
    streamResults: streams,
    segmentResults: segments ? [segments] : [],
    error: state.error,
    errorCode: state.errorCode,
    details: state.details,
    retryCount: state.retryCount,
    result,
  });
}
