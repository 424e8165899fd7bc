import { EncodedFileType, ImageFileSuffix, SegmentedFileSuffix } from '@livekit/protocol';
import { RpcError } from '#bus/rpc-error';
import type { EgressConfig } from '../config.ts';
import type { EgressPlan, FilePlan, ImagePlan, ManifestPlan } from '../plan.ts';
import type { Encoding } from './encoding.ts';
import { type NameFacts, nameFile, nameImages, nameSegments, type SegmentNames } from './object-names.ts';
import { chooseStorage } from './storage.ts';
import type { FileWish, Stored, Upload, Wish } from './wish.ts';

const DEFAULT_SEGMENT_S = 4;
const MAX_SEGMENT_S = 60;
const DEFAULT_IMAGE_S = 10;
const MAX_IMAGE_S = 3_600;

const wrong = (sentence: string) => new RpcError('invalid_argument', sentence);

/** Where an output goes: its storage, and the prefix of egress.yaml, which stands before every name as in LiveKit's. */
function placeOf(uploads: Upload[], config: EgressConfig) {
  const storage = chooseStorage(uploads, config.storage);
  const { backup } = config;
  return { storage: backup ? { ...storage, backup } : storage, folder: config.storagePrefix };
}

/** Counts and kinds, before anything is named. @throws RpcError `invalid_argument` that names the output */
export function requireOutputs(wish: Wish): void {
  const { files, streams, segments, images } = wish;
  if (wish.source.kind !== 'web' && !wish.roomName) throw wrong('room_name is missing');
  // LiveKit's own sweep of ended egresses never recovers from such a name.
  if (wish.roomName.includes('|')) throw wrong('room_name must not hold the character "|"');
  if (wish.audioOnly && wish.videoOnly) throw wrong('audio_only and video_only contradict each other');
  if (files.length > 1) throw wrong('at most one file output is possible, got a second');
  if (streams.length > 1) throw wrong('at most one stream output (with many urls) is possible, got a second');
  if (segments.length > 1) throw wrong('at most one segments output is possible, got a second');
  const others = files.length + segments.length + images.length;
  if (others + streams.length === 0 && !wish.websocketUrl) throw wrong('the request has no output');
  if (others === 0 && !wish.websocketUrl && streams.every(({ urls }) => urls.length === 0)) {
    throw wrong('the stream output has no urls and is the only output');
  }
  if (images.length > 0 && wish.audioOnly) throw wrong('an images output does not go with audio_only');
}

export type NamedSegments = { plan: NonNullable<EgressPlan['segments']>; names: SegmentNames };

export function planSegments(wish: Wish, facts: NameFacts, config: EgressConfig): NamedSegments | null {
  const [segment] = wish.segments;
  if (!segment) return null;
  const { output, uploads } = segment;
  const segmentS = output.segmentDuration || DEFAULT_SEGMENT_S;
  if (segmentS > MAX_SEGMENT_S) throw wrong(`segment_duration must be from 1 to ${MAX_SEGMENT_S} s, got ${segmentS}`);
  const { storage, folder } = placeOf(uploads, config);
  const names = segmentNames(output, facts);
  const ours = names.playbackId !== null;
  return {
    names,
    plan: {
      playbackId: names.playbackId,
      prefix: `${folder}${names.prefix}`,
      suffix: output.filenameSuffix === SegmentedFileSuffix.TIMESTAMP ? 'timestamp' : 'index',
      segmentS,
      partMs: config.partMs,
      format: ours ? 'cmaf' : 'ts',
      playlists: ours
        ? null
        : {
            full: `${folder}${names.playlistName}`,
            live: names.livePlaylistName ? `${folder}${names.livePlaylistName}` : null,
          },
      // A live show has a spool for its storage's bad hours, and is played from one place.
      storage: ours ? { ...storage, backup: undefined } : storage,
    },
  };
}

function segmentNames(output: Parameters<typeof nameSegments>[0], facts: NameFacts): SegmentNames {
  try {
    return nameSegments(output, facts);
  } catch (error) {
    throw error instanceof RangeError ? wrong(error.message) : error;
  }
}

const ENDINGS = { mp4: '.mp4', m4a: '.mp4', ogg: '.ogg', mp3: '.mp3', webm: '.webm' } as const;

/** LiveKit's rule: what is asked for; else MP4 with a picture, and for sound alone OGG unless another output takes AAC. */
function containerOf(output: FileWish, wish: Wish, encoding: Encoding): FilePlan['container'] {
  const { fileType } = output;
  const codec = encoding.audioCodec;
  if (!wish.audioOnly) {
    if (fileType === EncodedFileType.OGG || fileType === EncodedFileType.MP3) {
      throw wrong(`file_type ${EncodedFileType[fileType]} takes sound alone, and the request has a picture; use MP4`);
    }
    return 'mp4';
  }
  const needsAac = wish.segments.length + wish.streams.length > 0;
  if (fileType === EncodedFileType.MP4) return 'm4a';
  if (fileType === EncodedFileType.OGG) return 'ogg';
  if (fileType === EncodedFileType.MP3) return 'mp3';
  return codec === 'mp3' ? 'mp3' : codec === 'aac' || (needsAac && codec === null) ? 'm4a' : 'ogg';
}

const CODECS = { mp4: 'aac', m4a: 'aac', webm: 'opus', ogg: 'opus', mp3: 'mp3' } as const;

function requireCodec(asked: Encoding['audioCodec'], takes: string, what: string): void {
  if (asked !== null && asked !== takes) {
    throw wrong(`audio_codec ${asked.toUpperCase()} does not go with ${what}, which takes ${takes.toUpperCase()}`);
  }
}

export type NamedFile = { plan: FilePlan; name: string };

export function planFiles(wish: Wish, encoding: Encoding, facts: NameFacts, config: EgressConfig): NamedFile[] {
  if (wish.segments.length > 0) requireCodec(encoding.audioCodec, 'aac', 'HLS segments');
  if (wish.streams.length > 0) requireCodec(encoding.audioCodec, 'aac', 'RTMP');
  return wish.files.map(({ output, uploads }, index) => {
    const container = containerOf(output, wish, encoding);
    if (!wish.videoOnly) requireCodec(encoding.audioCodec, CODECS[container], container.toUpperCase());
    const { storage, folder } = placeOf(uploads, config);
    const name = nameFile(output.filepath, ENDINGS[container], facts);
    return { name, plan: { index, container, key: `${folder}${name}`, storage } };
  });
}

const SUFFIXES: Record<ImageFileSuffix, ImagePlan['suffix']> = {
  [ImageFileSuffix.IMAGE_SUFFIX_INDEX]: 'index',
  [ImageFileSuffix.IMAGE_SUFFIX_TIMESTAMP]: 'timestamp',
  [ImageFileSuffix.IMAGE_SUFFIX_NONE_OVERWRITE]: 'none-overwrite',
};

export type NamedImages = { plan: ImagePlan; name: string };

export function planImages(wish: Wish, facts: NameFacts, config: EgressConfig): NamedImages[] {
  return wish.images.map(({ output, uploads }, index) => {
    const intervalS = output.captureInterval || DEFAULT_IMAGE_S;
    if (intervalS > MAX_IMAGE_S) {
      throw wrong(`capture_interval must be from 1 to ${MAX_IMAGE_S} s, got ${intervalS}`);
    }
    const { width, height } = output;
    for (const [name, value] of Object.entries({ width, height })) {
      if (value !== 0 && (value < 16 || value > 3840 || value % 2 !== 0)) {
        throw wrong(`${name} of images must be even and from 16 to 3840, got ${value}`);
      }
    }
    const { storage, folder } = placeOf(uploads, config);
    const name = nameImages(output.filenamePrefix, facts);
    const suffix = SUFFIXES[output.filenameSuffix] ?? 'index';
    return {
      name,
      plan: { index, intervalS, width, height, prefix: `${folder}${name}`, suffix, extension: '.jpeg', storage },
    };
  });
}

function trackHead(source: Wish['source']): { video_track_id: string; audio_track_id: string } {
  if (source.kind === 'tracks') {
    return { video_track_id: source.videoTrackId, audio_track_id: source.audioTrackIds[0] ?? '' };
  }
  if (source.kind !== 'media') return { video_track_id: '', audio_track_id: '' };
  const { video, routes } = source;
  const sound = routes.find((route) => route.of === 'track');
  return { video_track_id: video && 'trackId' in video ? video.trackId : '', audio_track_id: sound?.id ?? '' };
}

type ManifestWish = { wish: Wish; facts: NameFacts; egressId: string; presigned: boolean };

/** The manifest lies beside the first stored output that did not decline it; our own shows have a `show.json` instead. */
export function planManifest(
  { wish, facts, egressId, presigned }: ManifestWish,
  named: { files: NamedFile[]; segments: NamedSegments | null; images: NamedImages[] },
): ManifestPlan | null {
  const wants = (outputs: Stored<{ disableManifest: boolean }>[], index: number) =>
    outputs[index]?.output.disableManifest === false;
  const places = [
    ...named.files.map(({ plan }, index) => ({ ...plan, at: plan.key, want: wants(wish.files, index) })),
    ...(named.segments?.plan.playlists
      ? [
          {
            storage: named.segments.plan.storage,
            at: named.segments.plan.playlists.full,
            want: wants(wish.segments, 0),
          },
        ]
      : []),
    ...named.images.map(({ plan }, index) => ({ ...plan, at: plan.prefix, want: wants(wish.images, index) })),
  ];
  const place = places.find(({ want }) => want);
  if (!place) return null;
  const { source } = wish;
  const head: Record<string, string> = {
    egress_id: egressId,
    room_id: facts.roomId,
    room_name: facts.roomName,
    url: source.kind === 'web' ? source.url : source.kind === 'template' ? source.baseUrl : '',
    publisher_identity: facts.identity ?? '',
    track_id: facts.track?.id ?? '',
    track_kind: facts.track?.type ?? '',
    track_source: facts.track?.source ?? '',
    ...trackHead(source),
  };
  return {
    key: `${place.at.slice(0, place.at.lastIndexOf('/') + 1)}${egressId}.json`,
    storage: place.storage,
    presigned,
    head: Object.fromEntries(Object.entries(head).filter(([, value]) => value !== '')),
  };
}
