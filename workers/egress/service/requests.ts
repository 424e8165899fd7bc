import type { ImageOutput, SegmentedFileOutput, StorageConfig, StreamOutput } from '@livekit/protocol';
import { RpcError } from '#bus/rpc-error';
import { LAYOUTS, type Layout, type Program } from '#core/scene/scene';
import type { EgressConfig } from '../config.ts';
import type { EgressPlan } from '../plan.ts';
import { type EncodingWish, programOf, readEncoding, requireKeyFrames } from './encoding.ts';
import { type NameFacts, nameSegments, type SegmentNames } from './object-names.ts';
import { toPushPlans } from './push-url.ts';
import type { StartRequest, WireRequest } from './start-request.ts';
import { chooseStorage } from './storage.ts';

/** A validated request: what the pipeline makes, and what only the reports need. */
export type AcceptedRequest = {
  plan: EgressPlan;
  /** Metrics label. */
  type: 'room_composite' | 'participant';
  segmentNames: SegmentNames | null;
  /** True when the program should come from the scene in the room's metadata. */
  wantsSceneProgram: boolean;
  /** Sentences for the log: options that were accepted and change nothing. */
  notes: string[];
};

type Wish = {
  type: AcceptedRequest['type'];
  roomName: string;
  source: EgressPlan['source'];
  audioOnly: boolean;
  videoOnly: boolean;
  encoding: EncodingWish;
  files: number;
  streams: StreamOutput[];
  segments: { output: SegmentedFileOutput; storage: StorageConfig | undefined }[];
  images: ImageOutput[];
  storage: StorageConfig | undefined;
};

const DEFAULT_SEGMENT_S = 4;
const MAX_SEGMENT_S = 60;

const wrong = (sentence: string) => new RpcError('invalid_argument', sentence);
const unserved = (what: string) => new RpcError('unimplemented', `${what} is not served by this egress service`);

/** LiveKit's page knows `grid`, `speaker`, `single-speaker`, each with `-dark` or `-light`; empty is its grid. */
export function readLayout(name: string): 'scene' | Layout {
  if (name === 'scene') return 'scene';
  const base = name.replace(/-(dark|light)$/, '');
  if (base === '') return 'grid';
  if (base === 'single-speaker') return 'single';
  const known = LAYOUTS.find((layout) => layout === base);
  if (known) return known;
  throw wrong(`there is no layout "${name.slice(0, 64)}"; there are scene, single, grid and speaker`);
}

type V1 = {
  output?: { case: string | undefined; value?: unknown };
  fileOutputs: unknown[];
  streamOutputs: StreamOutput[];
  segmentOutputs: SegmentedFileOutput[];
  imageOutputs: ImageOutput[];
};

/** The lists win over the old single field, kind by kind. */
function v1Outputs(request: V1, old: { stream?: StreamOutput; segments?: SegmentedFileOutput; file?: unknown }) {
  const streams = request.streamOutputs.length || !old.stream ? request.streamOutputs : [old.stream];
  const segments = request.segmentOutputs.length || !old.segments ? request.segmentOutputs : [old.segments];
  return {
    files: request.fileOutputs.length || (old.file ? 1 : 0),
    streams,
    segments: segments.map((output) => ({ output, storage: undefined })),
    images: request.imageOutputs,
    storage: undefined,
  };
}

function fromV2(request: Extract<WireRequest, { kind: 'v2' }>['value']): Wish {
  const { source } = request;
  if (source.case === 'web') throw unserved('a web egress (a page drawn in a browser)');
  if (source.case === 'media') throw unserved('a media source (use a participant egress)');
  if (source.case === undefined) throw wrong('the request has no source');
  if (source.value.customBaseUrl) throw unserved('custom_base_url (a page drawn in a browser)');
  const outputs = request.outputs.map((output) => output.config);
  return {
    type: 'room_composite',
    roomName: request.roomName,
    source: { kind: 'room', layout: readLayout(source.value.layout) },
    audioOnly: source.value.audioOnly,
    videoOnly: source.value.videoOnly,
    encoding: request.encoding,
    files: outputs.filter((config) => config.case === 'file').length,
    streams: outputs.flatMap((config) => (config.case === 'stream' ? [config.value] : [])),
    segments: request.outputs.flatMap(({ config, storage }) =>
      config.case === 'segments' ? [{ output: config.value, storage }] : [],
    ),
    images: outputs.flatMap((config) => (config.case === 'images' ? [config.value] : [])),
    storage: request.storage,
  };
}

function readWish(request: WireRequest): Wish {
  switch (request.kind) {
    case 'roomComposite': {
      const { value } = request;
      if (value.customBaseUrl) throw unserved('custom_base_url (a page drawn in a browser)');
      if (value.audioMixing !== 0) throw unserved('audio_mixing with separate channels');
      const { output } = value;
      const old = output.case ? { [output.case]: output.value } : {};
      return {
        type: 'room_composite',
        roomName: value.roomName,
        source: { kind: 'room', layout: readLayout(value.layout) },
        audioOnly: value.audioOnly,
        videoOnly: value.videoOnly,
        encoding: value.options.case === undefined ? { case: undefined } : value.options,
        ...v1Outputs(value, old),
      };
    }
    case 'participant': {
      const { value } = request;
      if (!value.identity) throw wrong('identity is missing');
      return {
        type: 'participant',
        roomName: value.roomName,
        source: { kind: 'participant', identity: value.identity, screenShare: value.screenShare },
        audioOnly: false,
        videoOnly: false,
        encoding: value.options.case === undefined ? { case: undefined } : value.options,
        ...v1Outputs(value, {}),
      };
    }
    case 'v2':
      return fromV2(request.value);
    case 'web':
      throw unserved('a web egress (a page drawn in a browser)');
    case 'trackComposite':
      throw unserved('a track composite egress');
    case 'track':
      throw unserved('a track egress');
    case 'replay':
      throw unserved("replay (a feature of LiveKit's cloud)");
    case 'none':
      throw wrong('the request asks for nothing');
  }
}

function requireOutputs(wish: Wish): void {
  if (!wish.roomName) throw wrong('room_name is missing');
  // LiveKit's own sweep of ended egresses never recovers from such a name.
  if (wish.roomName.includes('|')) throw wrong('room_name must not hold the character "|"');
  if (wish.audioOnly && wish.videoOnly) throw wrong('audio_only and video_only contradict each other');
  if (wish.files > 0) throw unserved('a file output (use a segments output: the recording is made from it)');
  if (wish.images.length > 0) throw unserved('an image output');
  if (wish.streams.length > 1) throw wrong('at most one stream output (with many urls) is possible, got a second');
  if (wish.segments.length > 1) throw wrong('at most one segments output is possible, got a second');
  if (wish.streams.length === 0 && wish.segments.length === 0) throw wrong('the request has no output');
  if (wish.segments.length === 0 && wish.streams.every((stream) => stream.urls.length === 0)) {
    throw wrong('the stream output has no urls and is the only output');
  }
}

function readSegments(wish: Wish, names: NameFacts, config: EgressConfig) {
  const [segment] = wish.segments;
  if (!segment) return null;
  const { output, storage } = segment;
  const segmentS = output.segmentDuration || DEFAULT_SEGMENT_S;
  if (segmentS > MAX_SEGMENT_S) throw wrong(`segment_duration must be from 1 to ${MAX_SEGMENT_S} s, got ${segmentS}`);
  const none = { case: undefined } as const;
  const uploads = [output.output, storage?.provider ?? none, wish.storage?.provider ?? none];
  const own = uploads.every((upload) => upload.case === undefined);
  return {
    segmentS,
    storage: chooseStorage(uploads, config.storage),
    names: nameSegments(output, names, own ? config.storagePrefix : ''),
  };
}

/**
 * One request becomes one validated plan, here and nowhere else.
 * @throws RpcError `invalid_argument` or `unimplemented` with a sentence that names the field and holds no secret
 */
export function acceptRequest(request: StartRequest, config: EgressConfig, nowMs: number): AcceptedRequest {
  if (!/^[A-Za-z0-9_-]{3,64}$/.test(request.egressId)) throw wrong('egress_id is missing');
  const wish = readWish(request.request);
  requireOutputs(wish);
  const encoding = readEncoding(wish.encoding);
  const { roomName, source } = wish;
  const identity = source.kind === 'participant' ? source.identity : null;
  const segments = readSegments(wish, { roomName, roomId: request.roomId, identity, nowMs }, config);
  if (segments) requireKeyFrames(encoding, segments.segmentS);
  const program: Program = programOf(encoding);
  const notes: string[] = [];
  if (wish.streams.some((stream) => stream.protocol > 1)) throw unserved('a stream protocol other than RTMP');
  if (wish.segments.some(({ output }) => output.filenameSuffix !== 0))
    notes.push('filename_suffix has no effect: segments are numbered');
  return {
    type: wish.type,
    segmentNames: segments?.names ?? null,
    wantsSceneProgram: source.kind === 'room' && source.layout === 'scene',
    notes,
    plan: {
      egressId: request.egressId,
      roomName,
      livekit: config.livekit,
      source,
      audioOnly: wish.audioOnly,
      videoOnly: wish.videoOnly,
      program,
      audio: { bitrateKbps: encoding.audioKbps, sampleRate: 48_000 },
      segments: segments && {
        playbackId: segments.names.playbackId,
        prefix: segments.names.prefix,
        segmentS: segments.segmentS,
        partMs: config.partMs,
        format: 'cmaf',
        playlists: null,
        storage: segments.storage,
      },
      files: [],
      images: [],
      redisUrl: config.redisUrl,
      targets: config.targets,
      spoolFolder: config.spoolFolder ?? undefined,
      spoolBytes: config.spoolBytes,
      logLevel: config.logLevel,
      pushes: toPushPlans(
        config.livekit.apiSecret,
        wish.streams.flatMap((stream) => stream.urls),
      ),
    },
  };
}
