import {
  EgressInfo,
  EgressSourceType,
  FileInfo,
  ImagesInfo,
  SegmentsInfo,
  StreamInfo,
  StreamInfoList,
} from '@livekit/protocol';
import type { EgressState, FileEntry, StreamEntry } from './egress-state.ts';

const ns = (ms: number) => BigInt(Math.round(ms)) * 1_000_000n;

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
  const { names, locations, count } = state.segments;
  return new SegmentsInfo({
    playlistName: names.playlist,
    livePlaylistName: names.live,
    playlistLocation: locations.playlist,
    livePlaylistLocation: locations.live,
    segmentCount: BigInt(count.count),
    size: BigInt(count.bytes),
    duration: ns(count.durationMs),
    startedAt: ns(state.startedAtMs),
    endedAt: ns(state.endedAtMs),
  });
}

function fileInfo(file: FileEntry): FileInfo {
  return new FileInfo({
    filename: file.name,
    location: file.location,
    startedAt: ns(file.startedAtMs),
    endedAt: ns(file.endedAtMs),
    duration: ns(file.durationMs),
    size: BigInt(file.bytes),
  });
}

function imagesInfo(state: EgressState): ImagesInfo[] {
  return state.images.map(
    ({ prefix, count }) =>
      new ImagesInfo({
        filenamePrefix: prefix,
        imageCount: BigInt(count),
        startedAt: ns(state.startedAtMs),
        endedAt: ns(state.endedAtMs),
      }),
  );
}

/** The old field of one output; null when there are several. */
function singleResult(streams: StreamInfo[], files: FileInfo[], segments: SegmentsInfo[]): EgressInfo['result'] {
  const [file] = files;
  const [segment] = segments;
  const kinds = [streams, files, segments].filter((list) => list.length > 0).length;
  if (kinds !== 1) return { case: undefined };
  if (file) return { case: 'file', value: file.clone() };
  if (segment) return { case: 'segments', value: segment.clone() };
  return { case: 'stream', value: new StreamInfoList({ info: streams }) };
}

/** A page is LiveKit's "web" source, whoever draws it; what names people or tracks comes from the SDK. */
function sourceTypeOf(request: EgressInfo['request']): EgressSourceType {
  const page =
    request.case === 'roomComposite' ||
    request.case === 'web' ||
    (request.case === 'egress' && request.value.source.case !== 'media');
  return page ? EgressSourceType.WEB : EgressSourceType.SDK;
}

/** LiveKit's record of the egress. The old `result` is filled only when there is a single output. */
export function toEgressInfo(state: EgressState): EgressInfo {
  const streams = state.streams.map(streamInfo);
  const segments = segmentsInfo(state);
  const segmentResults = segments ? [segments] : [];
  const files = state.files.map(fileInfo);
  return new EgressInfo({
    egressId: state.egressId,
    roomId: state.roomId,
    roomName: state.roomName,
    sourceType: sourceTypeOf(state.request),
    status: state.status,
    startedAt: ns(state.startedAtMs),
    endedAt: ns(state.endedAtMs),
    updatedAt: ns(state.updatedAtMs),
    request: state.request,
    streamResults: streams,
    fileResults: files,
    segmentResults,
    imageResults: imagesInfo(state),
    error: state.error,
    errorCode: state.errorCode,
    details: state.details,
    manifestLocation: state.manifestLocation,
    backupStorageUsed: state.backupUsed,
    retryCount: state.retryCount,
    result: singleResult(streams, files, segmentResults),
  });
}
