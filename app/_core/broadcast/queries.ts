import type { Channel } from '#core/channel/channel';
import type { ChannelStore } from '#core/channel/channel-store';
import type { Clock } from '#core/shared/clock';
import type { Audience } from '#core/viewer/audience';
import type { BroadcastRecord, BroadcastStore } from './broadcast-store.ts';
import { type PublicAddresses, publicView } from './public-view.ts';
import type { ChannelPage, PublicBroadcast } from './public-views.ts';

/** What pages and sockets read, for anyone: only broadcasts listed to everyone, plus unlisted ones by their address. */
export type Queries = {
  /** On air now, most watched first. */
  liveNow(): Promise<PublicBroadcast[]>;
  /** Scheduled, soonest first. */
  upcoming(): Promise<PublicBroadcast[]>;
  /** Ended with a recording, newest first. */
  recent(): Promise<PublicBroadcast[]>;
  channelPage(handle: string): Promise<ChannelPage | null>;
  /** Null also for those that not everyone may watch. */
  broadcast(id: string): Promise<PublicBroadcast | null>;
};

type Rooms = {
  channels: ChannelStore;
  broadcasts: BroadcastStore;
  audience: Pick<Audience, 'count'>;
  addresses: PublicAddresses;
  clock: Clock;
};

const LISTED = 24;
const RECENT_ON_PAGE = 12;
const ON_AIR = ['live', 'interrupted', 'ending'] as const;
/** A scheduled broadcast whose time passed this long ago was forgotten, not delayed. */
const FORGOTTEN_AFTER_MS = 12 * 3_600_000;

/** True when the watch page may show it to anyone who has the address. */
export function isOpenToAll(broadcast: Pick<BroadcastRecord, 'visibility'>): boolean {
  return broadcast.visibility === 'public' || broadcast.visibility === 'unlisted';
}

/** The broadcast a channel's page is about: on air, else the one being prepared, else the next scheduled. */
export function currentOf(open: readonly BroadcastRecord[], now: Date): BroadcastRecord | null {
  const rank = (one: BroadcastRecord): number => {
    if (one.state === 'live' || one.state === 'interrupted') return 0;
    if (one.startRequestedAt !== null && one.state !== 'ending') return 1;
    if (one.state === 'ending') return 2;
    if (one.state === 'backstage') return 3;
    return 4;
  };
  const due = (one: BroadcastRecord): number => one.startsAt?.getTime() ?? one.createdAt.getTime();
  const candidates = open.filter(
    (one) => one.state !== 'ended' && (one.state !== 'scheduled' || due(one) > now.getTime() - FORGOTTEN_AFTER_MS),
  );
  // Prepared ones: the newest wins. Scheduled ones: the nearest to come.
  const order = (a: BroadcastRecord, b: BroadcastRecord): number =>
    rank(a) - rank(b) || (a.state === 'scheduled' ? due(a) - due(b) : b.createdAt.getTime() - a.createdAt.getTime());
  return candidates.sort(order)[0] ?? null;
}

/** Builds the reads for pages and sockets on top of the stores. */
export function makeQueries(rooms: Rooms): Queries {
  const { channels, broadcasts, audience, addresses, clock } = rooms;

  async function view(broadcast: BroadcastRecord, known?: Channel): Promise<PublicBroadcast | null> {
    const channel = known ?? (await channels.get(broadcast.channelId));
    if (!channel) return null;
    const counted = broadcast.state === 'ended' ? 0 : await audience.count(broadcast.playbackId).catch(() => 0);
    return publicView(broadcast, channel, counted, addresses);
  }
  async function views(list: readonly BroadcastRecord[], known?: Channel): Promise<PublicBroadcast[]> {
    const all = await Promise.all(list.map((one) => view(one, known)));
    return all.filter((one): one is PublicBroadcast => one !== null);
  }

  return {
    async liveNow() {
      const list = await broadcasts.find({ states: ON_AIR, publicOnly: true, limit: LISTED });
      return (await views(list)).sort((a, b) => b.audience - a.audience);
    },
    async upcoming() {
      const since = clock.now().getTime() - FORGOTTEN_AFTER_MS;
      const list = await broadcasts.find({ states: ['scheduled'], publicOnly: true, order: 'soonest', limit: LISTED });
      return views(list.filter((one) => (one.startsAt?.getTime() ?? 0) > since));
    },
    async recent() {
      const list = await broadcasts.find({ states: ['ended'], publicOnly: true, limit: LISTED * 2 });
      return views(list.filter((one) => one.hasRecording).slice(0, LISTED));
    },
    async channelPage(handle) {
      const channel = await channels.getByHandle(handle.toLowerCase());
      if (!channel) return null;
      const [open, ended] = await Promise.all([
        broadcasts.find({
          channelId: channel.id,
          states: ['scheduled', 'backstage', 'live', 'interrupted', 'ending'],
          limit: 50,
        }),
        broadcasts.find({ channelId: channel.id, states: ['ended'], publicOnly: true, limit: RECENT_ON_PAGE * 2 }),
      ]);
      const current = currentOf(open.filter(isOpenToAll), clock.now());
      return {
        channel: { id: channel.id, handle: channel.handle, name: channel.name },
        current: current && (await view(current, channel)),
        recent: await views(ended.filter((one) => one.startedAt !== null).slice(0, RECENT_ON_PAGE), channel),
      };
    },
    async broadcast(id) {
      const found = await broadcasts.get(id);
      return found && isOpenToAll(found) ? view(found) : null;
    },
  };
}
