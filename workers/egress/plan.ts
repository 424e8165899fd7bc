import type { FeedPush } from '#core/playback/live-feed';
import type { Layout, Program } from '#core/scene/scene';

/**
 * What one egress is to make: the only thing that crosses from the service (parent) to the pipeline (child process), by IPC,
 * since it holds secrets. Plain data, survives structured clone and JSON.
 */
export type EgressPlan = {
  egressId: string;
  roomName: string;
  /** LiveKit as the worker reaches it; the child makes its own tokens, a rejoin needs a fresh one. */
  livekit: { url: string; apiKey: string; apiSecret: string };
  source: SourcePlan;
  audioOnly: boolean;
  videoOnly: boolean;
  /** From the scene's `program` when the layout is `scene`, else from the request's encoding options. */
  program: Program;
  audio: { bitrateKbps: number; sampleRate: 48_000 };
  /** Parts and segments for playback; null when only pushes were asked for. */
  segments: null | {
    /** Feed id, from the prefix `media/{playbackId}/`; null for a plain LiveKit request (storage only). */
    playbackId: string | null;
    /** Key prefix in the bucket, with trailing slash. */
    prefix: string;
    /** Longest segment in seconds; 1 for the app's own requests. */
    segmentS: number;
    partMs: number;
    /** `cmaf`: one track a file, for playback. `ts`: MPEG-TS as a plain LiveKit request expects it, one rendition, storage only. */
    format: 'cmaf' | 'ts';
    /** Playlists written into storage beside the segments, full keys; null = playback makes them. */
    playlists: { full: string; live: string | null } | null;
    storage: StoragePlan;
  };
  files: FilePlan[];
  images: ImagePlan[];
  redisUrl: string;
  pushes: PushPlan[];
  /** An earlier process began this egress: it goes on, unless another egress has taken its feed since. */
  resumes?: boolean;
  /** Which private addresses and own ports pushes may reach; absent = none of the private ones. */
  targets?: PushTargets;
  /** Folder for what storage does not take for a while; the system's temporary folder when absent. */
  spoolFolder?: string;
  /** Most bytes of it; the oldest go. */
  spoolBytes?: number;
  logLevel?: string;
};

export type SourcePlan =
  | { kind: 'room'; layout: 'scene' | Layout }
  /** One person: camera and microphone, or screen and its sound. */
  | { kind: 'participant'; identity: string; screenShare: boolean }
  /** Named tracks (track composite, track, v2 media); the picture of one fills the frame, every sound is heard. */
  | { kind: 'tracks'; videoTrackId: string | null; audioTrackIds: string[] }
  /** A page drawn in Chromium: picture and sound of it. */
  | { kind: 'page'; url: string };

/** One file of the whole show, finished by a remux at its end. */
export type FilePlan = {
  /** Index in the request, to match it in EgressInfo. */
  index: number;
  container: 'mp4' | 'm4a' | 'ogg' | 'webm';
  /** Object key, extension included. */
  key: string;
  storage: StoragePlan;
};

/** Pictures of the program every few seconds. */
export type ImagePlan = {
  index: number;
  intervalS: number;
  /** 0 = the program's. */
  width: number;
  height: number;
  /** Object key of the n-th picture: prefix + number or time + extension. */
  prefix: string;
  suffix: 'index' | 'timestamp' | 'none-overwrite';
  extension: '.jpg' | '.png';
  storage: StoragePlan;
};

export type StoragePlan = {
  endpoint: string;
  region: string;
  bucket: string;
  accessKey: string;
  secretKey: string;
  forcePathStyle: boolean;
};

/** Addresses that pushes may reach although they are loopback or private: hosts or CIDRs; and ports that are never reached. */
export type PushTargets = { allow: string[]; denyPorts: number[] };

export type PushPlan = {
  /**
   * HMAC of the full URL, since two keys may redact to the same text: first 16 hex figures of HMAC-SHA256(LiveKit's API secret,
   * `push:` + URL). The app computes the same to match a destination with its state in the feed.
   */
  id: string;
  /** With the key: never logged, never reported. */
  url: string;
};

export type ToPipeline =
  | { t: 'run'; plan: EgressPlan }
  | { t: 'push-add'; push: PushPlan }
  | { t: 'push-remove'; id: string }
  /** Overrides the scene's layout until the next scene change. */
  | { t: 'layout'; layout: Layout }
  | { t: 'stop' };

export type PushReport = FeedPush & { startedAtMs: number | null; endedAtMs: number | null };

export type EndCause =
  | 'stop-asked'
  | 'room-deleted'
  | 'source-gone'
  | 'streams-gone'
  | 'limit'
  | 'lease-lost'
  | 'failed';

export type FromPipeline =
  /** Every 0.5 s; two missed in a row means that the child hangs. */
  | { t: 'beat'; ticks: number; lateTicks: number; composedFps: number; rssMb: number }
  /** First part closed (or, for pushes alone, first packet sent). */
  | { t: 'active'; atMs: number }
  | { t: 'push'; report: PushReport }
  | { t: 'segments'; count: number; bytes: number; durationMs: number }
  | { t: 'file'; index: number; key: string; bytes: number; durationMs: number; startedAtMs: number; endedAtMs: number }
  | { t: 'images'; index: number; count: number }
  /** Every second: what an operator wants to see of a running egress (health port, metrics). Holds no secret. */
  | { t: 'facts'; facts: PipelineFacts }
  /** Last message; the child exits with 0 after it. */
  | {
      t: 'ended';
      cause: EndCause;
      error: string | null;
      segments: { count: number; bytes: number; durationMs: number };
      /** Objects that storage has not taken yet: they lie in the spool, and the worker goes on storing them. */
      waiting?: number;
    };

/** What the engine is doing just now; every list in drawing or ladder order. */
export type PipelineFacts = {
  composedFps: number;
  lateTicks: number;
  layout: string;
  shows: 'slate' | 'source';
  sources: {
    identity: string;
    camera: string | null;
    screen: string | null;
    sound: boolean;
    pictureAgeMs: number | null;
  }[];
  rungs: {
    id: string;
    width: number;
    height: number;
    fps: number;
    bitrateKbps: number;
    on: boolean;
    encodeMs: number;
    encoder: string;
  }[];
  outputs: { kind: string; state: string; queue: number }[];
  epoch: number;
  lastMsn: number;
};
