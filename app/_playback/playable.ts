import type { FeedState } from '#core/playback/live-feed';

/** A playlist rendered once and shared by all who ask: the raw text, its gzip (made at first need), its tag. */
export type RenderedText = { raw: Buffer; gzip(): Promise<Buffer>; zipped?: Buffer; etag: string };

/** What `_HLS_msn`, `_HLS_part` and `_HLS_skip` asked for. */
export type ReloadRequest = { msn: number | null; part: number | null; skip: boolean };

/** Answers of a show; a `refused` one carries the HTTP status and says whether it is worth coming back. */
export type Refused = { kind: 'refused'; status: 400 | 404 | 410 | 503; code: string; retryAfterS?: number };
/** `sharedS`: how long shared caches may answer while browsers ask anew each time; absent = as long as browsers. */
export type PlaylistAnswer = { kind: 'playlist'; text: RenderedText; maxAgeS: number; sharedS?: number } | Refused;
/** `stored`: the bytes came out of storage, and nothing but the answer need hold them. */
export type MediaAnswer = { kind: 'media'; bytes: Uint8Array; etag: string; stored?: boolean } | Refused;

/** One show as the routes see it, live from the feed or stored. */
export type Playable = {
  readonly state: FeedState;
  /** True when there is something to show: every rendition has a segment or a part. */
  readonly playable: boolean;
  /** Of a show whose feed is there it waits, bounded, until every rung has begun: who was told "live" a moment ago is not sent away. */
  multivariant(): Promise<PlaylistAnswer>;
  /** DASH manifest of the same files; waits likewise for the first whole segments. */
  manifest(): Promise<PlaylistAnswer>;
  mediaPlaylist(rendition: string, request: ReloadRequest): Promise<PlaylistAnswer>;
  init(rendition: string, epoch: number): Promise<MediaAnswer>;
  segment(rendition: string, msn: number): Promise<MediaAnswer>;
  /** Tag of a closed segment as it is told without its bytes; null when there is none that can be had. */
  segmentTag(rendition: string, msn: number): string | null;
  part(rendition: string, msn: number, part: number): Promise<MediaAnswer>;
  /** How far back the live playlist goes from now on, s. */
  reachBack(dvrS: number): void;
  close(): void;
};

/** Tag of a segment: a successor that sends a number again sends another tag. */
export const segmentTag = ({ e, m }: { e: number; m: number }): string => `"${e}-${m}"`;

export const refused = (status: Refused['status'], code: string, retryAfterS?: number): Refused => ({
  kind: 'refused',
  status,
  code,
  retryAfterS,
});
