import type { IncomingMessage, ServerResponse } from 'node:http';
import { mediaKeys } from '#core/playback/live-feed';
import { needsGrant } from '#core/playback/needs-grant';
import type { Grant } from '#core/playback/playback-grant';
import type { Show } from '#core/playback/show';
import type { MediaStorage } from '#core/recording/media-storage';
import type { Clock } from '#core/shared/clock';
import type { Audience } from '#core/viewer/audience';
import { askingHost } from './asking-host.ts';
import { readBeat } from './beat.ts';
import type { LentMedia } from './lent-media.ts';
import { LiveShow } from './live-show.ts';
import type { OpenShows } from './open-shows.ts';
import type { MediaAnswer, Playable, PlaylistAnswer } from './playable.ts';
import type { QualityDesk } from './quality-desk.ts';
import {
  cacheControl,
  immutable,
  revalidated,
  type Sharing,
  sameTag,
  send,
  sendError,
  sendJson,
  sendMedia,
  sendPlaylist,
} from './respond.ts';
import type { ShowRoute } from './route-of.ts';
import type { SegmentCache } from './segment-cache.ts';
import { disposition, sendStored } from './send-stored.ts';
import type { ShowDesk } from './show-desk.ts';
import { UNKNOWN, watchState } from './watch-state.ts';

export type ShowServices = {
  desk: ShowDesk;
  shows: OpenShows;
  stored: SegmentCache;
  storage: MediaStorage;
  audience: Audience;
  lent: LentMedia;
  quality: QualityDesk;
  clock: Clock;
};

const YEAR_S = 31_536_000;
/** A shared cache asks again after this long whether media is still for everyone: a show that was closed is gone there within 30 s (S-19). */
const SHARED_MEDIA_S = 25;
const MAY_MAX_AGE_S = 20;
const THUMB_MAX_AGE_S = 10;
const STATE_MAX_AGE_S = 1;
const STORYBOARD_MAX_AGE_S = 10;
const ENDED_STORYBOARD_MAX_AGE_S = 3600;
const RECORDING_MAX_AGE_S = 300;

const SENTENCES: Record<string, string> = {
  'not-begun': 'This broadcast has not begun.',
  'no-recording': 'There is no recording of this broadcast.',
  'no-new-part': 'The broadcast is not getting on at the moment.',
  'beyond-the-edge': 'This is too far beyond the live edge.',
  'no-file': 'This file is not made yet, or there is none of this broadcast.',
  'segment-lost': 'This piece of the show was lost.',
  busy: 'Too many are reading old pieces of the show just now.',
  'rendition-paused': 'This quality is not being made at the moment; another one goes on.',
};

class Exchange {
  constructor(
    readonly services: ShowServices,
    readonly request: IncomingMessage,
    readonly response: ServerResponse,
    readonly sharing: Sharing,
  ) {}

  error(status: number, code: string, retryAfterS?: number): void {
    sendError(this.request, this.response, status, code, SENTENCES[code] ?? 'There is nothing here.', retryAfterS);
  }

  async playlist(answer: PlaylistAnswer, type?: string): Promise<void> {
    if (answer.kind === 'refused') return this.error(answer.status, answer.code, answer.retryAfterS);
    const { text, maxAgeS, sharedS } = answer;
    const cache = sharedS === undefined ? cacheControl(maxAgeS, this.sharing) : revalidated(sharedS, this.sharing);
    await sendPlaylist(this.request, this.response, text, cache, type);
  }

  unchanged(etag: string): void {
    const cache = immutable(YEAR_S, SHARED_MEDIA_S, this.sharing);
    send(this.request, this.response, 304, { 'cache-control': cache, etag });
  }

  media(answer: MediaAnswer): void {
    if (answer.kind === 'refused') this.error(answer.status, answer.code, answer.retryAfterS);
    else if (answer.stored && !this.services.lent.lend(answer.bytes, this.response)) this.error(503, 'busy', 2);
    else {
      const media = { bytes: answer.bytes, etag: answer.etag, type: 'video/mp4' };
      sendMedia(this.request, this.response, media, immutable(YEAR_S, SHARED_MEDIA_S, this.sharing));
    }
  }
}

async function serveMedia(exchange: Exchange, playable: Playable, route: ShowRoute): Promise<void> {
  if (route.kind === 'multivariant') return exchange.playlist(await playable.multivariant());
  if (route.kind === 'manifest') return exchange.playlist(await playable.manifest(), 'application/dash+xml');
  if (route.kind === 'playlist') {
    return exchange.playlist(await playable.mediaPlaylist(route.rendition, route.request));
  }
  if (route.kind === 'init') return exchange.media(await playable.init(route.rendition, route.epoch));
  if (route.kind === 'segment') {
    // A cache that asks whether its copy still holds is answered without reading storage.
    const etag = playable.segmentTag(route.rendition, route.msn);
    if (etag !== null && sameTag(exchange.request.headers['if-none-match'], etag)) return exchange.unchanged(etag);
    return exchange.media(await playable.segment(route.rendition, route.msn));
  }
  if (route.kind === 'part') return exchange.media(await playable.part(route.rendition, route.msn, route.part));
}

/** Files that change while the show runs: the same cache, under a key that lasts for as long as the answer does. */
async function serveChanging(exchange: Exchange, file: { key: string; type: string; maxAgeS: number }): Promise<void> {
  const { stored, storage, clock } = exchange.services;
  const { key, type, maxAgeS } = file;
  const turn = Math.floor(clock.now().getTime() / (maxAgeS * 1000));
  const bytes = await stored.get(`${key}#${turn}`, () => storage.get(key));
  if (!bytes) return exchange.error(404, 'not-found');
  const etag = `"${turn}-${bytes.byteLength}"`;
  sendMedia(exchange.request, exchange.response, { bytes, etag, type }, cacheControl(maxAgeS, exchange.sharing));
}

/** Sheets and their track grow while the show runs; once it is over they stay. */
function serveStoryboard(exchange: Exchange, show: Show, sheet: number | null): Promise<void> {
  const maxAgeS = show.state === 'ended' ? ENDED_STORYBOARD_MAX_AGE_S : STORYBOARD_MAX_AGE_S;
  if (sheet === null) {
    return serveChanging(exchange, { key: mediaKeys.storyboardTrack(show.playbackId), type: 'text/vtt', maxAgeS });
  }
  return serveChanging(exchange, { key: mediaKeys.storyboard(show.playbackId, sheet), type: 'image/jpeg', maxAgeS });
}

async function serveRecording(
  exchange: Exchange,
  show: Show,
  { file, download }: Extract<ShowRoute, { kind: 'recording' }>,
): Promise<void> {
  const { request, response, sharing } = exchange;
  const { storage } = exchange.services;
  const [key, type] =
    file === 'mp4'
      ? [mediaKeys.recording(show.playbackId), 'video/mp4']
      : [mediaKeys.recordingAudio(show.playbackId), 'audio/mp4'];
  const found = await storage.head(key);
  if (!found) return exchange.error(404, 'no-file');
  const name = disposition(download ? 'attachment' : 'inline', show.title, `.${file}`);
  const headers = { 'content-disposition': name };
  const cache = cacheControl(RECORDING_MAX_AGE_S, sharing);
  await sendStored(request, response, storage, { key, size: found.size, type, cache, headers });
}

/** The clock that DASH's UTCTiming names (xsdate). */
function serveTime({ request, response, services }: Exchange): void {
  const headers = { 'content-type': 'text/plain', 'cache-control': 'no-store' };
  send(request, response, 200, headers, Buffer.from(services.clock.now().toISOString()));
}

/**
 * Tells a cache in front that this show may be watched with this grant, so that it may hold private media once for all who may. The
 * cache asks again after `MAY_MAX_AGE_S`: that is how long a dead grant goes on there.
 */
function serveMay({ request, response, sharing }: Exchange): void {
  const ageS = Math.min(MAY_MAX_AGE_S, sharing.grantLeftS ?? MAY_MAX_AGE_S);
  send(request, response, 204, { 'cache-control': `public, max-age=${Math.floor(ageS)}` });
}

/** A player that watches on asks for its next grant before the last one ends. */
function serveRenewal({ request, response, services }: Exchange, show: Show, grant: Grant | null): void {
  const next = grant && services.desk.renew(show, grant);
  if (next) {
    // Relative too: clocks of viewers are wrong by minutes and days.
    const expiresInS = next.expiresAtS - Math.floor(services.clock.now().getTime() / 1000);
    return sendJson(request, response, { ...next, expiresInS }, 'no-store');
  }
  const [code, sentence] = grant
    ? ['grant-not-renewable', 'This right to watch is not renewed: open the page again.']
    : ['no-grant-needed', 'This broadcast is watched without a grant.'];
  sendError(request, response, 409, code, sentence);
}

async function serveBeat(exchange: Exchange, playbackId: string): Promise<void> {
  const { request, response, services } = exchange;
  const beat = await readBeat(request);
  if (!beat) return sendError(request, response, 400, 'bad-request', 'A beat is { session } of 8 to 64 letters.');
  if (beat.report) services.quality.take(playbackId, beat.session, beat.report);
  if (beat.leaving) await services.audience.leave(playbackId, beat.session);
  else await services.audience.beat(playbackId, beat.session);
  sendJson(request, response, { report: await services.quality.wants(playbackId, beat.session) }, 'no-store');
}

/** The show's reader; one that goes on although the broadcast is over is told so. */
async function openShow(services: ShowServices, show: Show, how: { lookAnew: boolean }): Promise<Playable | null> {
  const playable = await services.shows.open(show.playbackId, show.dvrS ?? undefined, how);
  if (show.state === 'ended' && playable instanceof LiveShow) playable.finishIfQuiet();
  return playable;
}

/**
 * Answers one request for a show: who may see it is decided here, before anything of it is opened, alike for playlists, media,
 * pictures and beats (S-19).
 * @throws AppError when neither feed nor storage can be asked
 */
export async function serveShow(
  services: ShowServices,
  route: ShowRoute,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const show = await services.desk.find(route.playbackId);
  if (!show) {
    if (route.kind === 'state') return sendJson(request, response, UNKNOWN, 'no-store');
    return sendError(request, response, 404, 'not-found', 'There is no such broadcast.');
  }
  const verdict = services.desk.judge(show, route.grant, askingHost(request));
  if (!verdict.ok) return sendError(request, response, 403, `grant-${verdict.reason}`, 'This needs a right to watch.');
  const { grant } = verdict;
  const leftS = grant && grant.expiresAtS - services.clock.now().getTime() / 1000;
  const sharing = { isPrivate: needsGrant(show.visibility), grantLeftS: leftS };
  const exchange = new Exchange(services, request, response, sharing);
  if (route.kind === 'renew') return serveRenewal(exchange, show, grant);
  if (route.kind === 'beat') return serveBeat(exchange, show.playbackId);
  if (route.kind === 'time') return serveTime(exchange);
  if (route.kind === 'may') return serveMay(exchange);
  if (route.kind === 'thumbnail') {
    const key = mediaKeys.thumbnail(show.playbackId);
    return serveChanging(exchange, { key, type: 'image/jpeg', maxAgeS: THUMB_MAX_AGE_S });
  }
  if (route.kind === 'storyboard') return serveStoryboard(exchange, show, route.sheet);
  if (route.kind === 'recording') return serveRecording(exchange, show, route);
  // Players that wait ask for the state every few seconds: the next answer tells them what this one does not know yet.
  const playable = await openShow(services, show, { lookAnew: route.kind !== 'state' && show.state !== 'ended' });
  if (route.kind === 'state') {
    return sendJson(request, response, watchState(show, playable), cacheControl(STATE_MAX_AGE_S, sharing));
  }
  if (!playable) return exchange.error(404, show.state === 'ended' ? 'no-recording' : 'not-begun', 1);
  return serveMedia(exchange, playable, route);
}
