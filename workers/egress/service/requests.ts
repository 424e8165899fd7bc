import { StreamProtocol } from '@livekit/protocol';
import { RpcError } from '#bus/rpc-error';
import type { EgressConfig } from '../config.ts';
import type { EgressPlan, SourcePlan } from '../plan.ts';
import { programOf, readEncoding, requireKeyFrames } from './encoding.ts';
import type { NameFacts, SegmentNames } from './object-names.ts';
import { planFiles, planImages, planManifest, planSegments, requireOutputs } from './outputs.ts';
import { drawnBy } from './pages.ts';
import { toPushPlans } from './push-url.ts';
import type { StartRequest, WireRequest } from './start-request.ts';
import { type EgressType, readWish, type Wish } from './wish.ts';

/** A validated request: what the pipeline makes, and what only the reports need. */
export type AcceptedRequest = {
  plan: EgressPlan;
  /** Metrics label. */
  type: EgressType;
  segmentNames: SegmentNames | null;
  /** Names as EgressInfo shows them, in the plan's order. */
  fileNames: string[];
  imageNames: string[];
  /** True when the program should come from the scene in the room's metadata. */
  wantsSceneProgram: boolean;
  /** Sentences for the log: options that were accepted and change nothing. */
  notes: string[];
};

/** What LiveKit knows of a published track. */
export type TrackFacts = { id: string; kind: 'audio' | 'video'; source: string; identity: string };

const wrong = (sentence: string) => new RpcError('invalid_argument', sentence);
const unserved = (what: string) => new RpcError('unimplemented', `${what} is not served by this egress service`);

/** The room and the tracks a request names, which have to be in it; null when it names none. */
export function tracksAskedFor(request: WireRequest): { roomName: string; trackIds: string[] } | null {
  const { source, roomName } = readWish(request);
  const trackIds =
    source.kind === 'tracks'
      ? [source.only, source.videoTrackId, ...source.audioTrackIds].filter((id) => id !== '')
      : source.kind === 'media'
        ? mediaTracks(source).map(({ id }) => id)
        : [];
  return trackIds.length > 0 ? { roomName, trackIds } : null;
}

type NamedTrack = { id: string; kind: TrackFacts['kind']; field: string };

/** The tracks that a media source names by id. */
function mediaTracks({ video, routes }: Extract<SourcePlan, { kind: 'media' }>): NamedTrack[] {
  const picture: NamedTrack[] =
    video && 'trackId' in video ? [{ id: video.trackId, kind: 'video', field: 'video_track_id' }] : [];
  const sounds = routes.flatMap((route): NamedTrack[] =>
    route.of === 'track' ? [{ id: route.id, kind: 'audio', field: 'media.audio.routes.track_id' }] : [],
  );
  return [...picture, ...sounds];
}

/**
 * A track egress learns here whether it is sound or picture.
 * @param tracks null = not looked up yet
 * @throws RpcError `not_found` or `invalid_argument` that names the track
 */
function settleTracks(wish: Wish, tracks: TrackFacts[] | null): Wish {
  const { source } = wish;
  if ((source.kind !== 'tracks' && source.kind !== 'media') || tracks === null) return wish;
  const find = (id: string) => {
    const track = tracks.find((one) => one.id === id);
    if (!track) throw new RpcError('not_found', `track ${id.slice(0, 64)} is not in the room`);
    return track;
  };
  const expect = (id: string, kind: TrackFacts['kind'], field: string) => {
    if (find(id).kind !== kind) throw wrong(`${field} ${id.slice(0, 64)} is no ${kind} track`);
  };
  if (source.kind === 'media') {
    for (const { id, kind, field } of mediaTracks(source)) expect(id, kind, field);
    return wish;
  }
  if (source.videoTrackId) expect(source.videoTrackId, 'video', 'video_track_id');
  for (const id of source.audioTrackIds) expect(id, 'audio', 'audio_track_id');
  if (!source.only) return wish;
  const audio = find(source.only).kind === 'audio';
  return {
    ...wish,
    audioOnly: audio,
    videoOnly: !audio,
    source: { ...source, videoTrackId: audio ? '' : source.only, audioTrackIds: audio ? [source.only] : [] },
  };
}

/** @param isSound true also while the track is not looked up yet */
function requireSocket(url: string, isSound: boolean): void {
  if (!url) return;
  const scheme = URL.canParse(url) ? new URL(url).protocol : '';
  if (scheme !== 'ws:' && scheme !== 'wss:') throw wrong('the url of a websocket must be a ws:// or wss:// address');
  if (!isSound) throw wrong('a websocket takes raw sound, and the request has a picture');
}

function sourcePlan({ source }: Wish, { page }: EgressConfig): SourcePlan {
  switch (source.kind) {
    case 'room':
    case 'participant':
    case 'media':
      return source;
    case 'tracks':
      return {
        kind: 'tracks',
        videoTrackId: source.videoTrackId || null,
        audioTrackIds: source.audioTrackIds,
      };
    case 'web':
      return {
        kind: 'page',
        url: source.url,
        template: null,
        awaitStartSignal: source.awaitStartSignal,
        ...drawnBy(page),
      };
    case 'template':
      // As in LiveKit's egress: a template says itself when it has something to show.
      return {
        kind: 'page',
        url: source.baseUrl,
        template: { layout: source.layout },
        awaitStartSignal: true,
        ...drawnBy(page),
      };
  }
}

function nameFacts(request: StartRequest, wish: Wish, tracks: TrackFacts[] | null, nowMs: number): NameFacts {
  const { source, roomName } = wish;
  const only = source.kind === 'tracks' ? tracks?.find(({ id }) => id === source.only) : undefined;
  const person = source.kind === 'media' && source.video && 'identity' in source.video ? source.video : null;
  const identity = source.kind === 'participant' ? source.identity : (person?.identity ?? only?.identity ?? null);
  const identifier =
    source.kind === 'web'
      ? 'web'
      : source.kind === 'tracks' && source.only
        ? source.only
        : source.kind === 'tracks'
          ? roomName
          : (identity ?? roomName);
  const track = only ? { id: only.id, type: only.kind, source: only.source } : null;
  return { roomName, roomId: request.roomId, identity, track, identifier, nowMs };
}

/** Images alone need no sound. */
function settleSound(wish: Wish): Wish {
  const onlyImages = wish.images.length > 0 && wish.files.length + wish.segments.length + wish.streams.length === 0;
  return onlyImages ? { ...wish, videoOnly: true } : wish;
}

/**
 * One request becomes one validated plan, here and nowhere else.
 * @param tracks of the room; null = not looked up: a track egress is then judged as a picture
 * @throws RpcError `invalid_argument`, `not_found` or `unimplemented` with a sentence that names the field and holds no secret
 */
export function acceptRequest(
  request: StartRequest,
  config: EgressConfig,
  nowMs: number,
  tracks: TrackFacts[] | null = null,
): AcceptedRequest {
  if (!/^[A-Za-z0-9_-]{3,64}$/.test(request.egressId)) throw wrong('egress_id is missing');
  const asked = readWish(request.request);
  requireOutputs(asked);
  const wish = settleSound(settleTracks(asked, tracks));
  const source = sourcePlan(wish, config);
  requireSocket(wish.websocketUrl, tracks === null || wish.audioOnly);
  const encoding = readEncoding(wish.encoding);
  if (wish.streams.some((stream) => stream.protocol > StreamProtocol.SRT)) {
    throw unserved('a stream protocol other than RTMP, SRT and WEBSOCKET');
  }
  const facts = nameFacts(request, wish, tracks, nowMs);
  const segments = planSegments(wish, facts, config);
  if (segments) requireKeyFrames(encoding, segments.plan.segmentS);
  const files = planFiles(wish, encoding, facts, config);
  const images = planImages(wish, facts, config);
  const { egressId } = request;
  const wantsSceneProgram = source.kind === 'room' && source.layout === 'scene';
  const { keyFrameS } = encoding;
  // What players of our own shows have to decode is ours to choose; anybody else gets what LiveKit makes.
  const profile = wantsSceneProgram && wish.encoding.case === undefined ? 'high' : encoding.profile;
  return {
    type: wish.type,
    segmentNames: segments?.names ?? null,
    fileNames: files.map(({ name }) => name),
    imageNames: images.map(({ name }) => name),
    wantsSceneProgram,
    notes: [],
    plan: {
      egressId,
      roomName: wish.roomName,
      livekit: config.livekit,
      source,
      audioOnly: wish.audioOnly,
      videoOnly: wish.videoOnly,
      program: programOf(encoding),
      audio: { bitrateKbps: encoding.audioKbps, sampleRate: 48_000, ...(wish.apart ? { apart: wish.apart } : {}) },
      video: { profile, keyFrameS },
      segments: segments?.plan ?? null,
      files: files.map(({ plan }) => plan),
      images: images.map(({ plan }) => plan),
      fileBytes: config.limits.fileBytes,
      manifest: planManifest({ wish, facts, egressId, presigned: config.presigned }, { files, segments, images }),
      websocketUrl: wish.websocketUrl || null,
      encoders: config.encoders,
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
