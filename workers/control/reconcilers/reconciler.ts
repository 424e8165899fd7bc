import type { BroadcastRecord } from '#core/broadcast/broadcast-store';
import { reconcileBroadcast, type WorldSeen } from '#core/broadcast/reconcile-broadcast';
import type { Services } from '#wiring/services';

const OPEN = ['scheduled', 'backstage', 'live', 'interrupted', 'ending'] as const;
const MOST = 500;
/** An ended broadcast is looked at for so long, in case its egress still runs. */
const AFTER_END_MS = 10 * 60_000;

/** Makes records and the outside agree: all of them in a pass, or one at once when a hint came. */
export type Reconciler = {
  /** Everything once. */
  pass(): Promise<{ looked: number }>;
  lookAt(broadcastId: string): Promise<void>;
  lookAtChannel(channelId: string): Promise<void>;
  lookAtPlayback(playbackId: string): Promise<void>;
};

export function makeReconciler(services: Services): Reconciler {
  const { stores, clock, log } = services;
  /** Broadcasts being looked at here: a hint that comes meanwhile gives one more look, not one more at the same time. */
  const busy = new Map<string, { again: boolean }>();
  /** Playback ids of what is open, so that feed news costs no query of all broadcasts. */
  let byPlayback = new Map<string, string>();

  async function one(broadcastId: string, world: () => Promise<WorldSeen>): Promise<void> {
    const running = busy.get(broadcastId);
    if (running) {
      running.again = true;
      return;
    }
    const state = { again: false };
    busy.set(broadcastId, state);
    try {
      do {
        state.again = false;
        await reconcileBroadcast(services, broadcastId, await world());
      } while (state.again);
    } finally {
      busy.delete(broadcastId);
    }
  }

  async function openOnes(): Promise<BroadcastRecord[]> {
    const [open, ended] = await Promise.all([
      stores.broadcasts.find({ states: OPEN, limit: MOST }),
      stores.broadcasts.find({
        states: ['ended'],
        endedAfter: new Date(clock.now().getTime() - AFTER_END_MS),
        limit: MOST,
      }),
    ]);
    return [...open, ...ended];
  }

  const seeOne = (channelId: string) => () => see(services, channelId, [channelId]);

  async function lookAt(broadcastId: string): Promise<void> {
    const broadcast = await stores.broadcasts.get(broadcastId);
    if (broadcast) await one(broadcast.id, seeOne(broadcast.channelId));
  }

  return {
    async pass() {
      const broadcasts = await openOnes();
      byPlayback = new Map(broadcasts.map((each) => [each.playbackId, each.id]));
      if (broadcasts.length === 0) return { looked: 0 };
      const world = await see(services, undefined, [...new Set(broadcasts.map((each) => each.channelId))]);
      for (const broadcast of broadcasts) {
        await one(broadcast.id, async () => world).catch((error) =>
          log.warn({ err: error, broadcastId: broadcast.id }, 'a broadcast could not be looked at'),
        );
      }
      return { looked: broadcasts.length };
    },
    lookAt,
    async lookAtChannel(channelId) {
      const open = await stores.broadcasts.find({ channelId, states: OPEN, startRequested: true, limit: 10 });
      for (const broadcast of open) await one(broadcast.id, seeOne(channelId));
    },
    async lookAtPlayback(playbackId) {
      const known = byPlayback.get(playbackId) ?? (await findByPlayback(stores, playbackId));
      if (known) await lookAt(known);
    },
  };
}

async function findByPlayback(stores: Services['stores'], playbackId: string): Promise<string | null> {
  const open = await stores.broadcasts.find({ states: OPEN, startRequested: true, limit: MOST });
  return open.find((each) => each.playbackId === playbackId)?.id ?? null;
}

/** LiveKit's lists, asked once. What could not be asked is unknown: nothing follows from it. */
async function see(services: Services, roomName: string | undefined, channelIds: string[]): Promise<WorldSeen> {
  const unknown = (what: string) => (error: unknown) => {
    services.log.warn({ err: error, what }, 'LiveKit could not be asked');
    return 'unknown' as const;
  };
  const [egresses, rooms] = await Promise.all([
    services.egress.find(roomName).catch(unknown('egresses')),
    services.mediaRoom.find(channelIds).catch(unknown('rooms')),
  ]);
  return {
    egresses,
    rooms: rooms === 'unknown' ? rooms : new Map(rooms.map((room) => [room.channelId, room.publishers])),
  };
}
