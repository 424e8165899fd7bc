import {
  AudioChannel,
  AudioMixing,
  type AudioRoute,
  type EncodedFileOutput,
  type ImageOutput,
  type MediaSource,
  ParticipantInfo_Kind,
  type SegmentedFileOutput,
  type StorageConfig,
  type StreamOutput,
  StreamProtocol,
} from '@livekit/protocol';
import { RpcError } from '#bus/rpc-error';
import { layoutNamed } from '#core/scene/layout-names';
import { LAYOUTS, type Layout } from '#core/scene/scene';
import type { Channel, MediaPicture, ParticipantWord, SoundRoute, SourcePlan } from '../plan.ts';
import type { EncodingWish } from './encoding.ts';
import type { WireRequest } from './start-request.ts';

export type Upload = SegmentedFileOutput['output'] | StorageConfig['provider'];

/** An output with the storages it may go to, in the order of preference. */
export type Stored<T> = { output: T; uploads: Upload[] };

export type FileWish = Pick<EncodedFileOutput, 'fileType' | 'filepath' | 'disableManifest'>;

/** What is shown and heard, as asked for: tracks are not looked up yet. */
export type SourceWish =
  | { kind: 'room'; layout: 'scene' | Layout }
  | { kind: 'template'; baseUrl: string; layout: string }
  | { kind: 'web'; url: string; awaitStartSignal: boolean }
  | { kind: 'participant'; identity: string; screenShare: boolean }
  /** `only` = a track egress: one track, sound or picture, known when it is found. */
  | { kind: 'tracks'; videoTrackId: string; audioTrackIds: string[]; only: string }
  | Extract<SourcePlan, { kind: 'media' }>;

export type EgressType = 'room_composite' | 'web' | 'participant' | 'track_composite' | 'track' | 'media';

/** The seven kinds of requests brought to one shape; nothing in it is checked yet but the source. */
export type Wish = {
  type: EgressType;
  roomName: string;
  source: SourceWish;
  audioOnly: boolean;
  videoOnly: boolean;
  encoding: EncodingWish;
  files: Stored<FileWish>[];
  streams: StreamOutput[];
  segments: Stored<SegmentedFileOutput>[];
  images: Stored<ImageOutput>[];
  /** Raw sound of a track egress. */
  websocketUrl: string;
  /** How people are kept apart in stereo; null = everybody on both channels. */
  apart: 'agents' | 'alternate' | null;
};

const wrong = (sentence: string) => new RpcError('invalid_argument', sentence);
const unserved = (what: string) => new RpcError('unimplemented', `${what} is not served by this egress service`);

function readLayout(name: string): 'scene' | Layout {
  const known = layoutNamed(name);
  if (known) return known;
  throw wrong(`there is no layout "${name.slice(0, 64)}"; there are scene, ${LAYOUTS.join(', ')}`);
}

function readPage(field: string, text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url && (url.protocol === 'http:' || url.protocol === 'https:')) return url.href;
  throw wrong(`${field} must be an http:// or https:// address`);
}

function roomSource(layout: string, customBaseUrl: string): SourceWish {
  if (!customBaseUrl) return { kind: 'room', layout: readLayout(layout) };
  // A template knows its own layouts.
  return { kind: 'template', baseUrl: readPage('custom_base_url', customBaseUrl), layout };
}

const APART: Record<AudioMixing, Wish['apart']> = {
  [AudioMixing.DEFAULT_MIXING]: null,
  [AudioMixing.DUAL_CHANNEL_AGENT]: 'agents',
  [AudioMixing.DUAL_CHANNEL_ALTERNATE]: 'alternate',
};

type V1 = {
  options: { case: 'preset' | 'advanced' | undefined; value?: unknown };
  output?: { case: string | undefined; value?: unknown };
  fileOutputs: EncodedFileOutput[];
  streamOutputs: StreamOutput[];
  segmentOutputs: SegmentedFileOutput[];
  imageOutputs: ImageOutput[];
};

const stored = <T extends { output: Upload }>(output: T): Stored<T> => ({ output, uploads: [output.output] });

/** The lists win over the old single field, kind by kind. */
function v1Outputs(request: V1) {
  const old = request.output ?? { case: undefined };
  const list = <T>(name: string, given: T[]): T[] =>
    given.length === 0 && old.case === name ? [old.value as T] : given;
  return {
    encoding: (request.options.case === undefined ? { case: undefined } : request.options) as EncodingWish,
    files: list('file', request.fileOutputs).map(stored),
    streams: list('stream', request.streamOutputs),
    segments: list('segments', request.segmentOutputs).map(stored),
    images: request.imageOutputs.map(stored),
    websocketUrl: '',
    apart: null,
  };
}

const CHANNELS: Record<AudioChannel, Channel> = {
  [AudioChannel.BOTH]: 'both',
  [AudioChannel.LEFT]: 'left',
  [AudioChannel.RIGHT]: 'right',
};

function readRoute({ match, channel: asked }: AudioRoute): SoundRoute {
  const channel = CHANNELS[asked] ?? 'both';
  switch (match.case) {
    case 'trackId':
      return { of: 'track', id: match.value, channel };
    case 'participantIdentity':
      return { of: 'person', identity: match.value, channel };
    case 'participantKind':
      return { of: 'kind', kind: ParticipantInfo_Kind[match.value].toLowerCase() as ParticipantWord, channel };
    default:
      throw wrong('a route of media.audio names nothing');
  }
}

/** One picture, by track or person, and sounds by routes, or all of them. */
function mediaSource({ video, audio }: MediaSource): { source: SourceWish; audioOnly: boolean; videoOnly: boolean } {
  const all: SoundRoute[] = audio?.captureAll ? [{ of: 'all', channel: 'both' }] : [];
  // A route says where somebody is heard, also when everybody is.
  const routes = [...(audio?.routes ?? []).map(readRoute), ...all];
  if (video.case === undefined && routes.length === 0) throw wrong('the media source names neither video nor audio');
  if (video.case === 'participantVideo' && !video.value.identity) {
    throw wrong('media.video.participant_video.identity is missing');
  }
  const picture: MediaPicture | null =
    video.case === 'videoTrackId'
      ? { trackId: video.value }
      : video.case === 'participantVideo'
        ? { identity: video.value.identity, preferScreen: video.value.preferScreenShare }
        : null;
  const source: SourceWish = { kind: 'media', video: picture, routes };
  return { source, audioOnly: picture === null, videoOnly: routes.length === 0 };
}

function v2Source(request: Extract<WireRequest, { kind: 'v2' }>['value']) {
  const { source } = request;
  switch (source.case) {
    case 'template': {
      const { layout, customBaseUrl, audioOnly, videoOnly } = source.value;
      const wish = roomSource(layout, customBaseUrl);
      return { type: 'room_composite' as const, source: wish, audioOnly, videoOnly };
    }
    case 'web': {
      const { url, audioOnly, videoOnly, awaitStartSignal } = source.value;
      const wish: SourceWish = { kind: 'web', url: readPage('web.url', url), awaitStartSignal };
      return { type: 'web' as const, source: wish, audioOnly, videoOnly };
    }
    case 'media':
      return { type: 'media' as const, ...mediaSource(source.value) };
    default:
      throw wrong('the request has no source');
  }
}

function fromV2(request: Extract<WireRequest, { kind: 'v2' }>['value']): Wish {
  const wish: Wish = {
    ...v2Source(request),
    roomName: request.roomName,
    encoding: request.encoding,
    files: [],
    streams: [],
    segments: [],
    images: [],
    websocketUrl: '',
    apart: null,
  };
  const none = { case: undefined } as const;
  for (const { config, storage } of request.outputs) {
    const shared: Upload[] = [storage?.provider ?? none, request.storage?.provider ?? none];
    if (config.case === 'file') wish.files.push({ output: config.value, uploads: shared });
    else if (config.case === 'stream') wish.streams.push(config.value);
    else if (config.case === 'segments') {
      wish.segments.push({ output: config.value, uploads: [config.value.output, ...shared] });
    } else if (config.case === 'images') {
      wish.images.push({ output: config.value, uploads: [config.value.output, ...shared] });
    } else throw wrong('an output of the request has no kind');
  }
  return wish;
}

/** A stream output over WebSocket is raw sound, whatever request it came in. */
function takeSocket(wish: Wish): Wish {
  const stream = wish.streams.find(({ protocol, urls }) => {
    if (protocol === StreamProtocol.WEBSOCKET) return true;
    return protocol === StreamProtocol.DEFAULT_PROTOCOL && /^wss?:/i.test(urls[0]?.trim() ?? '');
  });
  if (!stream) return wish;
  if (wish.streams.length > 1) throw wrong('at most one stream output is possible, got a second');
  const [url, second] = stream.urls;
  if (!url || second !== undefined) throw wrong('a stream output over websocket takes exactly one url');
  return { ...wish, streams: [], websocketUrl: url.trim() };
}

/**
 * Brings a request of any kind to one shape.
 * @throws RpcError `invalid_argument` or `unimplemented` with a sentence that names the field
 */
export function readWish(request: WireRequest): Wish {
  return takeSocket(readKind(request));
}

function readKind(request: WireRequest): Wish {
  switch (request.kind) {
    case 'roomComposite': {
      const { roomName, layout, customBaseUrl, audioOnly, videoOnly, audioMixing } = request.value;
      const source = roomSource(layout, customBaseUrl);
      const apart = APART[audioMixing] ?? null;
      return { type: 'room_composite', roomName, source, audioOnly, videoOnly, ...v1Outputs(request.value), apart };
    }
    case 'web': {
      const { url, audioOnly, videoOnly, awaitStartSignal } = request.value;
      const source: SourceWish = { kind: 'web', url: readPage('url', url), awaitStartSignal };
      return { type: 'web', roomName: '', source, audioOnly, videoOnly, ...v1Outputs(request.value) };
    }
    case 'participant': {
      const { roomName, identity, screenShare } = request.value;
      if (!identity) throw wrong('identity is missing');
      const source: SourceWish = { kind: 'participant', identity, screenShare };
      return { type: 'participant', roomName, source, audioOnly: false, videoOnly: false, ...v1Outputs(request.value) };
    }
    case 'trackComposite': {
      const { roomName, videoTrackId, audioTrackId } = request.value;
      if (!videoTrackId && !audioTrackId) throw wrong('audio_track_id and video_track_id are both missing');
      const audioTrackIds = audioTrackId ? [audioTrackId] : [];
      const source: SourceWish = { kind: 'tracks', videoTrackId, audioTrackIds, only: '' };
      const only = { audioOnly: !videoTrackId, videoOnly: !audioTrackId };
      return { type: 'track_composite', roomName, source, ...only, ...v1Outputs(request.value) };
    }
    case 'track': {
      const { roomName, trackId, output } = request.value;
      if (!trackId) throw wrong('track_id is missing');
      const source: SourceWish = { kind: 'tracks', videoTrackId: '', audioTrackIds: [], only: trackId };
      const file = output.case === 'file' ? output.value : null;
      const { filepath, disableManifest } = file ?? { filepath: '', disableManifest: true };
      return {
        type: 'track',
        roomName,
        source,
        audioOnly: false,
        videoOnly: false,
        encoding: { case: undefined },
        files: file ? [{ output: { fileType: 0, filepath, disableManifest }, uploads: [file.output] }] : [],
        streams: [],
        segments: [],
        images: [],
        websocketUrl: output.case === 'websocketUrl' ? output.value : '',
        apart: null,
      };
    }
    case 'v2':
      return fromV2(request.value);
    case 'replay':
      throw unserved("replay (a feature of LiveKit's cloud)");
    case 'none':
      throw wrong('the request asks for nothing');
  }
}
