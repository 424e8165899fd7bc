import { type EgressInfo, EgressStatus, StreamInfo_Status } from '@livekit/protocol';
import { locationOf } from '../location.ts';
import { type FromPipeline, type PushPlan, type PushReport, RAW_SOUND_ID } from '../plan.ts';
import { redactPushUrl } from './push-url.ts';
import { redactPage, redactRequest } from './redact-request.ts';
import type { AcceptedRequest } from './requests.ts';
import type { StartRequest } from './start-request.ts';
import type { PipelineEnd, SegmentCount } from './supervisor.ts';

/** One push over its life; an address that was removed and added again is a new entry, as with LiveKit. */
export type StreamEntry = {
  id: string;
  url: string;
  startedAtMs: number;
  endedAtMs: number;
  status: StreamInfo_Status;
  error: string;
  retries: number;
  lastRetryAtMs: number;
};

/** One file; sizes and times are 0 until the pipeline has finished it. */
export type FileEntry = {
  name: string;
  location: string;
  /** Where it lies when storage did not take it. */
  backupLocation: string;
  startedAtMs: number;
  endedAtMs: number;
  durationMs: number;
  bytes: number;
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
  segments: {
    names: { playlist: string; live: string };
    locations: { playlist: string; live: string };
    count: SegmentCount;
  } | null;
  files: FileEntry[];
  images: { prefix: string; count: number }[];
  /** '' until it is written. */
  manifestLocation: string;
  manifestAt: (key: string) => string;
  backupUsed: boolean;
  error: string;
  errorCode: number;
  details: string;
  retryCount: number;
};

const NO_SEGMENTS: SegmentCount = { count: 0, bytes: 0, durationMs: 0 };

function newStream({ id, url }: PushPlan): StreamEntry {
  return {
    id,
    url: id === RAW_SOUND_ID ? redactPage(url) : redactPushUrl(url),
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
  const rawSound = plan.websocketUrl ? [{ id: RAW_SOUND_ID, url: plan.websocketUrl }] : [];
  return {
    egressId: plan.egressId,
    roomId: request.roomId,
    roomName: plan.roomName,
    status: EgressStatus.EGRESS_STARTING,
    startedAtMs: 0,
    endedAtMs: 0,
    updatedAtMs: nowMs,
    request: redactRequest(request.request),
    streams: [...plan.pushes, ...rawSound].map(newStream),
    segments: segmentsOf(plan.segments, segmentNames),
    files: plan.files.map(({ key, storage }, index) => ({
      name: accepted.fileNames[index] ?? key,
      location: locationOf(storage, key),
      backupLocation: storage.backup ? locationOf(storage.backup, key) : '',
      startedAtMs: 0,
      endedAtMs: 0,
      durationMs: 0,
      bytes: 0,
    })),
    images: accepted.imageNames.map((prefix) => ({ prefix, count: 0 })),
    manifestLocation: '',
    manifestAt: (key) => (plan.manifest ? locationOf(plan.manifest.storage, key) : ''),
    backupUsed: false,
    error: '',
    errorCode: 0,
    details: '',
    retryCount: 0,
  };
}

function segmentsOf(
  plan: AcceptedRequest['plan']['segments'],
  names: AcceptedRequest['segmentNames'],
): EgressState['segments'] {
  if (!plan || !names) return null;
  const { full, live } = plan.playlists ?? { full: `${plan.prefix}index.m3u8`, live: null };
  return {
    names: { playlist: names.playlistName, live: names.livePlaylistName },
    locations: { playlist: locationOf(plan.storage, full), live: live ? locationOf(plan.storage, live) : '' },
    count: NO_SEGMENTS,
  };
}

/** What of a state a successor cannot make anew from the request; plain data. */
export type SavedState = Pick<
  EgressState,
  'status' | 'startedAtMs' | 'updatedAtMs' | 'streams' | 'files' | 'images' | 'backupUsed' | 'details' | 'retryCount'
> & { count: SegmentCount | null };

export function saveState(state: EgressState): SavedState {
  const { status, startedAtMs, updatedAtMs, streams, files, images, backupUsed, details, retryCount } = state;
  const count = state.segments?.count ?? null;
  return { status, startedAtMs, updatedAtMs, streams, files, images, backupUsed, details, retryCount, count };
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

/** What was stored: counted for the next report, not worth a webhook of its own. */
export function noteStored(
  state: EgressState,
  fact: Extract<FromPipeline, { t: 'file' | 'images' | 'manifest' | 'backup-used' }>,
): EgressState {
  switch (fact.t) {
    case 'file': {
      const { startedAtMs, endedAtMs, durationMs, bytes } = fact;
      const done = { startedAtMs, endedAtMs, durationMs, bytes };
      const placed = (file: FileEntry) => (fact.backup ? file.backupLocation : file.location);
      const end = (file: FileEntry) => ({ ...file, ...done, location: placed(file) });
      return { ...state, files: state.files.map((file, at) => (at === fact.index ? end(file) : file)) };
    }
    case 'images': {
      const { count } = fact;
      return { ...state, images: state.images.map((one, at) => (at === fact.index ? { ...one, count } : one)) };
    }
    case 'manifest':
      return { ...state, manifestLocation: state.manifestAt(fact.key) };
    case 'backup-used':
      return { ...state, backupUsed: true };
  }
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
  'not-found': 'End reason: Failure',
  'storage-refused': 'End reason: Failure',
  failed: 'End reason: Failure',
};

function finalOf(cause: PipelineEnd['cause'], error: string | null, wasActive: boolean): Final {
  const details = DETAILS[cause];
  if (cause === 'failed' || cause === 'lease-lost') {
    const told = error ?? 'the pipeline failed';
    return { status: EgressStatus.EGRESS_FAILED, details, error: told, errorCode: 500 };
  }
  if (cause === 'not-found') {
    return { status: EgressStatus.EGRESS_FAILED, details, error: error ?? 'track not found', errorCode: 404 };
  }
  if (cause === 'storage-refused') {
    return { status: EgressStatus.EGRESS_FAILED, details, error: error ?? 'storage refuses', errorCode: 400 };
  }
  if (cause === 'limit') {
    return { status: EgressStatus.EGRESS_LIMIT_REACHED, details, error: 'Session limit reached', errorCode: 413 };
  }
  if (!wasActive) {
    const stopped = cause === 'stop-asked' || cause === 'streams-gone';
    const told = stopped ? 'Stop called before pipeline could start' : 'Start signal not received';
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
