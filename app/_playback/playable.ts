import type { FeedState } from '#core/playback/live-feed';

/** A playlist rendered once and shared by all who ask: the raw text, its gzip (made at first need), its tag. */
export type RenderedText = { raw: Buffer; gzip(): Promise<Buffer>; etag: string };

/** What `_HLS_msn`, `_HLS_part` and `_HLS_skip` asked for. */
export type ReloadRequest = { msn: number | null; part: number | null; skip: boolean };

/** Answers of a show; a `refused` one carries the HTTP status and says whether it is worth coming back. */
export type Refused = { kind: 'refused'; status: 400 | 404 | 410 | 503; code: string; retryAfterS?: number };
/** `sharedS`: how long shared caches may answer while browsers ask anew each time; absent = as long as browsers. */
export type PlaylistAnswer = { kind: 'playlist'; text: RenderedText; maxAgeS: number; sharedS?: number } | Refused;
export type MediaAnswer = { kind: 'media'; bytes: Uint8Array; etag: string } | Refused;

/** One show as the routes see it, live from the feed or stored. */
export type Playable = {
  readonly state: FeedState;
  /** True when there is something to show: every rendition has a segment or a part. */
  readonly playable: boolean;
  multivariant(): PlaylistAnswer;
  /** DASH manifest of the same files. */
  manifest(): PlaylistAnswer;
  mediaPlaylist(rendition: string, request: ReloadRequest): Promise<PlaylistAnswer>;
  init(rendition: string, epoch: number): Promise<MediaAnswer>;
  segment(rendition: string, msn: number): Promise<MediaAnswer>;
  part(rendition: string, msn: number, part: number): Promise<MediaAnswer>;
  close(): void;
};

export const refused = (status: Refused['status'], code: string, retryAfterS?: number): Refused => ({
  kind: 'refused',
  status,
  code,
  retryAfterS,
});
