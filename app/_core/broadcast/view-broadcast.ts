import type { Actor } from '#core/account/actor';
import type { Channel } from '#core/channel/channel';
import { type DestinationView, viewDestination } from '#core/destination/destination';
import { explainRefusal } from '#core/destination/explain-refusal';
import type { FeedNote, FeedRecord } from '#core/playback/live-feed';
import { needsGrant } from '#core/playback/needs-grant';
import { GRANT_LIFE_S, GRANT_RENEW_S, type SignGrant } from '#core/playback/playback-grant';
import type { Latency, Program, Scene } from '#core/scene/scene';
import type { BroadcastRecord } from './broadcast-store.ts';
import { grantedPlayback } from './granted-playback.ts';
import { type ProblemCode, problemCode } from './problems.ts';
import { publicView } from './public-view.ts';
import type { PublicBroadcast } from './public-views.ts';
import { requireWatchable } from './require-broadcast.ts';
import type { BroadcastRooms } from './rooms.ts';

export type OutputView = {
  kind: 'hls' | 'push';
  name: string;
  state: 'idle' | 'starting' | 'active' | 'connecting' | 'pushing' | 'retrying' | 'failed' | 'stopped' | 'ended';
  renditions: { id: string; kind: 'video' | 'audio'; width?: number; height?: number; bandwidth: number }[];
};

/** How the broadcast does, for the studio: in words, with the numbers they come from. */
export type HealthView = {
  ok: boolean;
  sentences: string[];
  /** What the newest part shows; null while no feed exists. */
  shows: 'slate' | 'source' | null;
  /** Age of the newest part in ms; null while there is none. */
  lastPartAgeMs: number | null;
};

/** The public view, and for those who run the channel how it is made. */
export type BroadcastView = PublicBroadcast & {
  autoStart: boolean;
  latency: Latency;
  startRequestedAt: string | null;
  createdAt: string;
  /** Seconds on air so far or in all. */
  durationS: number;
  embedHtml: string;
  outputs: OutputView[];
  health: HealthView;
  destinations?: DestinationView[];
  scene?: Scene;
  /** Size, frame rate and rungs of the picture. */
  program?: Program;
  problem?: string | null;
  /** The same for programs and translations; null for none, and for one that only its sentence tells. */
  problemCode?: ProblemCode | null;
  /** What the engine leaves out of the show or cannot do just now. */
  engineNotes?: FeedNote[];
};

export type ViewRooms = Pick<
  BroadcastRooms,
  'stores' | 'feedStatus' | 'audience' | 'pushIds' | 'addresses' | 'clock'
> & {
  signGrant: SignGrant;
};

/** A broadcast for whoever may watch it. @throws AppError 'not-found' */
export async function getBroadcast(
  rooms: ViewRooms,
  { actor, broadcastId }: { actor: Actor; broadcastId: string },
): Promise<BroadcastView> {
  const { broadcast, channel, manages } = await requireWatchable(rooms, actor, broadcastId);
  return viewBroadcast(rooms, broadcast, channel, manages);
}

/** The whole view of one record. */
export async function viewBroadcast(
  rooms: ViewRooms,
  broadcast: BroadcastRecord,
  channel: Channel,
  manages: boolean,
): Promise<BroadcastView> {
  const over = broadcast.state === 'ended';
  const [audience, feed] = await Promise.all([
    over ? 0 : rooms.audience.count(broadcast.playbackId).catch(() => 0),
    over ? null : rooms.feedStatus.get(broadcast.playbackId).catch(() => null),
  ]);
  const nowMs = rooms.clock.now().getTime();
  const view = publicView(broadcast, channel, audience, rooms.addresses);
  const common = {
    ...view,
    autoStart: broadcast.autoStart,
    latency: broadcast.latency,
    startRequestedAt: broadcast.startRequestedAt?.toISOString() ?? null,
    createdAt: broadcast.createdAt.toISOString(),
    durationS: durationS(broadcast, nowMs),
    embedHtml: embedHtml(rooms.addresses.pages, channel.handle, broadcast),
    outputs: outputsOf(broadcast, feed),
    health: healthOf(broadcast, feed, nowMs),
  };
  if (!manages) return common;
  const destinations = await viewDestinations(rooms, broadcast.channelId, feed);
  const pushes: OutputView[] = destinations
    .filter((one) => one.enabled)
    .map((one) => ({ kind: 'push', name: one.name, state: one.state, renditions: [] }));
  return {
    ...common,
    playback: ownPlayback(rooms, broadcast, channel, nowMs) ?? common.playback,
    outputs: [...common.outputs, ...pushes],
    destinations,
    scene: broadcast.scene,
    program: broadcast.program,
    problem: broadcast.problem,
    problemCode: problemCode(broadcast.problem),
    engineNotes: feed?.notes ?? [],
  };
}

/**
 * A closed broadcast plays for its owner too: by a grant in the path, which is the same for an hour, so that a studio that asks every few
 * seconds does not begin its player anew each time.
 */
export function ownPlayback(
  rooms: Pick<ViewRooms, 'signGrant' | 'addresses'>,
  broadcast: BroadcastRecord,
  channel: Channel,
  nowMs: number,
): PublicBroadcast['playback'] | null {
  if (!needsGrant(broadcast.visibility)) return null;
  const expiresAtS = (Math.floor(nowMs / 1000 / GRANT_LIFE_S) + 2) * GRANT_LIFE_S;
  const renewUntilS = expiresAtS + GRANT_RENEW_S;
  return grantedPlayback(rooms, broadcast, { expiresAtS, renewUntilS, viewer: channel.id });
}

/** The channel's destinations as they are now; `feed` is that of the broadcast on air, if any. */
export async function viewDestinations(
  rooms: Pick<ViewRooms, 'stores' | 'pushIds'>,
  channelId: string,
  feed: FeedRecord | null,
): Promise<DestinationView[]> {
  const targets = await rooms.stores.destinations.findTargets(channelId);
  const pushes = new Map(feed?.pushes.map((push) => [push.id, push]));
  return targets.map(({ destination, pushUrl }) =>
    viewDestination(destination, pushes.get(rooms.pushIds.idOf(pushUrl)) ?? null, explainRefusal),
  );
}

function durationS(broadcast: BroadcastRecord, nowMs: number): number {
  if (!broadcast.startedAt) return 0;
  return Math.max(0, Math.round(((broadcast.endedAt?.getTime() ?? nowMs) - broadcast.startedAt.getTime()) / 1000));
}

/** What not everyone may watch is on no channel's page: its frame names it. */
function embedHtml(pages: string, handle: string, { id, visibility }: BroadcastRecord): string {
  const one = needsGrant(visibility) ? `?b=${id}` : '';
  return `<iframe src="${pages}/embed/${handle}${one}" width="640" height="360" style="border:0" allow="autoplay; fullscreen; picture-in-picture" allowfullscreen></iframe>`;
}

function outputsOf(broadcast: BroadcastRecord, feed: FeedRecord | null): OutputView[] {
  const state =
    broadcast.state === 'ended' ? 'ended' : (feed?.state ?? (broadcast.startRequestedAt ? 'starting' : 'idle'));
  const renditions = (feed?.renditions ?? []).map(({ id, kind, width, height, bandwidth }) => ({
    id,
    kind,
    width,
    height,
    bandwidth,
  }));
  return [{ kind: 'hls', name: 'Player', state, renditions }];
}

const SENTENCE: Record<BroadcastRecord['state'], string> = {
  scheduled: 'Scheduled.',
  backstage: 'Backstage: nobody sees it yet.',
  live: 'On air.',
  interrupted: 'On air with the slate: no picture from a host at the moment.',
  ending: 'Ending: the outputs are being closed.',
  ended: 'Ended.',
};

function healthOf(broadcast: BroadcastRecord, feed: FeedRecord | null, nowMs: number): HealthView {
  const lastPartAgeMs = feed && feed.lastPartAtMs > 0 ? Math.max(0, nowMs - feed.lastPartAtMs) : null;
  const sentences: string[] = [];
  if (broadcast.problem) sentences.push(broadcast.problem);
  if (broadcast.state === 'backstage' && broadcast.startRequestedAt) {
    sentences.push(
      feed?.state === 'active'
        ? 'Ready: waiting for a picture from a camera or encoder.'
        : 'Starting: the engine is being prepared.',
    );
  } else {
    sentences.push(SENTENCE[broadcast.state]);
  }
  const dropped = (feed?.renditions ?? []).filter(({ on }) => on === false).map(({ id }) => id);
  if (dropped.length > 0) {
    sentences.push(
      `The server is short of computing power: ${dropped.join(' and ')} left out until there is room again.`,
    );
  }
  const troubled = broadcast.state === 'interrupted' || broadcast.problem !== null;
  return { ok: !troubled, sentences, shows: feed?.shows ?? null, lastPartAgeMs };
}
