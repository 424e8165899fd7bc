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
  audio: {
    bitrateKbps: number;
    sampleRate: 48_000;
    /** Two channels kept apart: agents left and everybody else right, or each new sound track on the other side. */
    apart?: 'agents' | 'alternate';
  };
  /** Parts and segments for playback; null when only pushes were asked for. */
  segments: null | {
    /** Feed id, from the prefix `media/{playbackId}/`; null for a plain LiveKit request (storage only). */
    playbackId: string | null;
    /**
     * Where the objects lie in the bucket. `cmaf`: a folder, with trailing slash. `ts`: folder and beginning of each segment's name,
     * without a slash at its end; the n-th segment is `{prefix}_00000.ts` (`index`: five figures, from 0, going on after a restart) or
     * `{prefix}_20261121090507042.ts` (`timestamp`: UTC of the segment's start).
     */
    prefix: string;
    suffix: 'index' | 'timestamp';
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
  /** The egress ends when what is taken for its files grows over this; null = without limit. */
  fileBytes?: number | null;
  /** A list of what was stored, written at the end; null = not wanted. */
  manifest: ManifestPlan | null;
  /** Raw sound (16 bit little endian, 48 kHz, stereo) of a track egress, to this ws(s) address; it may hold a secret. */
  websocketUrl: string | null;
  /** H.264 as asked for; absent = main, and a key frame a segment (4 s without segments). */
  video?: { profile: 'baseline' | 'main' | 'high'; keyFrameS: number | null };
  /** Hardware encoders to try; absent = x264, which is what is left in any case. */
  encoders?: EncoderPlan;
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
  /** What earlier processes of this egress crashed on; absent = nothing. */
  care?: CarePlan;
  logLevel?: string;
};

/** One track of the room, as the pipeline receives it. `picture`: else sound. */
export type TappedTrack = { sid: string; identity: string; picture: boolean };

/** Left out after crashes: these tracks are not received, and with `slate` nothing else is drawn until the scene changes. */
export type CarePlan = { leftOut: TappedTrack[]; slate: boolean };

export const HARDWARE_ENCODERS = ['h264_nvenc', 'h264_vaapi', 'h264_qsv'] as const;
export type HardwareEncoder = (typeof HARDWARE_ENCODERS)[number];

export type EncoderPlan = {
  /** Best first. */
  names: HardwareEncoder[];
  /** DRM render node for VAAPI and Quick Sync, e.g. `/dev/dri/renderD128`; null = the first one. */
  device: string | null;
  /** x264's for every rung; absent = by the machine's cores and the rung's size. */
  preset?: X264Preset;
  /** Given up in an earlier process of this egress. */
  lost?: LostEncoder[];
};
export const X264_PRESETS = ['ultrafast', 'superfast', 'veryfast', 'faster', 'fast', 'medium'] as const;
export type X264Preset = (typeof X264_PRESETS)[number];
export type LostEncoder = { name: string; reason: string };

export type SourcePlan =
  | { kind: 'room'; layout: 'scene' | Layout }
  /** One person: camera and microphone, or screen and its sound. */
  | { kind: 'participant'; identity: string; screenShare: boolean }
  /** Named tracks (track composite, track); the picture of one fills the frame, every sound is heard. */
  | { kind: 'tracks'; videoTrackId: string | null; audioTrackIds: string[] }
  /** v2 media: one picture fills the frame, and every sound that a route takes is heard, where its first route puts it. */
  | { kind: 'media'; video: MediaPicture | null; routes: SoundRoute[] }
  | PageSourcePlan;

/** Of a person: the camera, or the screen while one is shared and it is preferred. */
export type MediaPicture = { trackId: string } | { identity: string; preferScreen: boolean };
/** Where in the stereo picture somebody is heard. */
export type Channel = 'both' | 'left' | 'right';
/** `all` takes every sound of the room, `kind` those of one kind of participant. */
export type SoundRoute = { channel: Channel } & (
  | { of: 'all' }
  | { of: 'track'; id: string }
  | { of: 'person'; identity: string }
  | { of: 'kind'; kind: ParticipantWord }
);
/** LiveKit's kinds of participants. */
export type ParticipantWord = 'standard' | 'ingress' | 'egress' | 'sip' | 'agent' | 'connector' | 'bridge';

/** A page drawn in Chromium: picture and sound of it. */
export type PageSourcePlan = {
  kind: 'page';
  /** http or https. For a template: its base, to which layout, url and token are added by the child, which makes the token. */
  url: string;
  /** Set for a room composite with `custom_base_url`: what the template is told. */
  template: { layout: string } | null;
  /** Outputs begin when the page logs `START_RECORDING`, else when it is loaded. */
  awaitStartSignal: boolean;
  /** Chromium's path. */
  browser: string;
  sandbox: boolean;
  /** Most memory of Chromium with the page, MB; beyond it both are started anew. */
  memoryMb: number;
  /** Further switches, LiveKit's `chrome_flags`: true = `--name`, text = `--name=value`, false = takes one of ours away. */
  flags: Record<string, string | boolean>;
};

/** One file of the whole show, finished by a remux at its end. */
export type FilePlan = {
  /** Index in the request, to match it in EgressInfo. */
  index: number;
  container: 'mp4' | 'm4a' | 'ogg' | 'webm' | 'mp3';
  /** Object key, extension included; a video file named by LiveKit's rules is `.mp4`, sound alone in it too. */
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
  /**
   * Object key of the n-th picture: `{prefix}_00000{extension}` (five figures, from 0), `{prefix}_20261121090507042{extension}` (UTC), or
   * `{prefix}{extension}`, written over each time.
   */
  prefix: string;
  suffix: 'index' | 'timestamp' | 'none-overwrite';
  extension: '.jpg' | '.jpeg' | '.png';
  storage: StoragePlan;
};

/** LiveKit's manifest: one JSON object beside the outputs. */
export type ManifestPlan = {
  /** Object key, `…/{egress id}.json`. */
  key: string;
  /** Each object is named with an address that opens it for a week without a key. */
  presigned: boolean;
  storage: StoragePlan;
  /** What is known before the start, in the manifest's own names (`egress_id`, `room_name`, `track_id`, …). */
  head: Record<string, string>;
};

export type StoragePlan = {
  endpoint: string;
  region: string;
  bucket: string;
  accessKey: string;
  secretKey: string;
  forcePathStyle: boolean;
  /** Of temporary credentials. */
  sessionToken?: string;
  /** Headers of each upload: own metadata, tags, Content-Disposition. */
  headers?: Record<string, string>;
  /** Takes an object that the storage above refused; the next one is tried above again. Never for the app's own shows. */
  backup?: StoragePlan;
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
  /** To a process that is started ahead: load all that takes long, and wait for the plan. */
  | { t: 'warm' }
  | { t: 'run'; plan: EgressPlan }
  | { t: 'push-add'; push: PushPlan }
  | { t: 'push-remove'; id: string }
  /** Asks for one small picture of the program, for the inspect page. */
  | { t: 'picture' }
  /** The answer to a wish for seats: whether this worker has the cores. */
  | { t: 'seats'; allowed: boolean }
  | { t: 'stop' };

/** The id under which a track's raw sound is reported among the streams. */
export const RAW_SOUND_ID = 'websocket';

export type PushReport = FeedPush & { startedAtMs: number | null; endedAtMs: number | null };

export type EndCause =
  | 'stop-asked'
  | 'room-deleted'
  | 'source-gone'
  | 'streams-gone'
  | 'limit'
  | 'lease-lost'
  /** A track that was asked for is not in the room. */
  | 'not-found'
  /** Storage refuses for good what it was given: wrong bucket, wrong key. */
  | 'storage-refused'
  | 'failed';

export type FromPipeline =
  /** All is loaded. */
  | { t: 'warm' }
  /** Every 0.5 s; two missed in a row means that the child hangs. */
  | { t: 'beat'; ticks: number; lateTicks: number; composedFps: number; rssMb: number }
  /** Before anything native touches a track, and after it was let go of: of a process that crashes it is known what it had in hand. */
  | { t: 'tap'; track: TappedTrack }
  | { t: 'untap'; sid: string }
  /** First part closed (or, for pushes alone, first packet sent). */
  | { t: 'active'; atMs: number }
  | { t: 'push'; report: PushReport }
  | { t: 'segments'; count: number; bytes: number; durationMs: number }
  | {
      t: 'file';
      index: number;
      key: string;
      bytes: number;
      durationMs: number;
      startedAtMs: number;
      endedAtMs: number;
      /** It lies in the backup storage. */
      backup?: boolean;
    }
  /** After each stored picture: how many there are, and the newest one's key and time. */
  | { t: 'images'; index: number; count: number; key?: string; atMs?: number }
  /** The manifest lies in storage. */
  | { t: 'manifest'; key: string }
  /** An object went to the backup storage. */
  | { t: 'backup-used' }
  /** UpdateLayout changed a plain request's layout: the next process begins with it. */
  | { t: 'layout'; layout: Layout }
  /** Every second: what an operator wants to see of a running egress (health port, metrics). Holds no secret. */
  | { t: 'facts'; facts: PipelineFacts }
  /** The answer to `picture`: a JPEG, or null when there is no picture. */
  | { t: 'picture'; jpeg: Uint8Array | null }
  /**
   * A hardware encoder failed while on air. The process closes its part and exits; the next one goes on without it, with another init
   * segment, since no other encoder's parameter sets are the same.
   */
  | { t: 'encoder-lost'; lost: LostEncoder }
  /** The room asks for the WebRTC program, or no longer does: its cost is admitted while the egress runs. */
  | { t: 'seats'; wanted: boolean }
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
  /** Sentences for an operator: what was asked for and is not done. */
  notes: string[];
};
