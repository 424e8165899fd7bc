import { EgressStatus, SegmentedFileOutput } from '@livekit/protocol';
import { Redis } from 'ioredis';
import { EgressClient, RoomServiceClient } from 'livekit-server-sdk';
import { createRedisShows } from '#adapters/redis/show-registry';
import { Program, RoomMetadata, type Scene } from '#core/scene/scene';
import type { EgressInspection } from '../../../workers/egress/service/inspect/inspection.ts';
import { portsFrom } from '../../native/settings/ports.ts';
import { readState } from '../../native/supervise/state-file.ts';
import { eventually, type Install } from './install.ts';

/** An egress of a room of its own, started through LiveKit's API, with its show known to the media origin. */
export type DirectEgress = {
  egressId: string;
  roomName: string;
  playbackId: string;
  /** What the egress worker's health port says of it. */
  look(): Promise<EgressInspection>;
  addPush(url: string): Promise<void>;
  removePush(url: string): Promise<void>;
  /** Asks for the WebRTC program in a room of that name, or with null for none. */
  setSeats(roomName: string | null): Promise<void>;
  /** Ends it, waits for its end, and removes the room. */
  stop(): Promise<void>;
};

export type Rungs = { id: string; height: number; bitrateKbps: number }[];

export const ONE_RUNG: Rungs = [{ id: '720p', height: 720, bitrateKbps: 3000 }];
export const LADDER: Rungs = [
  ...ONE_RUNG,
  { id: '480p', height: 480, bitrateKbps: 1400 },
  { id: '360p', height: 360, bitrateKbps: 800 },
];

/** Where the egress worker of an install says how it is. */
export function egressHealthUrl({ home }: Install): string {
  const state = readState(home);
  if (!state) throw new Error(`nothing runs from ${home}`);
  return `http://127.0.0.1:${portsFrom(state.base).egressHealth}`;
}

export async function openRoom(install: Install, ladder: Rungs, scene: Partial<Scene> = {}) {
  const { LIVEKIT_URL = '', LIVEKIT_API_KEY, LIVEKIT_API_SECRET } = install.env;
  const id = Math.random().toString(36).slice(2, 10);
  const [roomName, playbackId] = [`bench_${id}`, `bench_${id}`];
  const rooms = new RoomServiceClient(LIVEKIT_URL, LIVEKIT_API_KEY, LIVEKIT_API_SECRET);
  const metadata = RoomMetadata.parse({ v: 1, playbackId, program: Program.parse({ ladder }), scene });
  await rooms.createRoom({
    name: roomName,
    emptyTimeout: 600,
    departureTimeout: 600,
    metadata: JSON.stringify(metadata),
  });
  return { roomName, playbackId, rooms };
}

/** Tells the media origin of a show that is no broadcast of the install's. */
export async function makePlayable({ env }: Install, playbackId: string): Promise<void> {
  const redis = new Redis(env.REDIS_URL ?? '', { maxRetriesPerRequest: 2 });
  const show = { playbackId, visibility: 'public' as const, grantEpoch: 0, title: 'Bench', startsAt: null, version: 1 };
  await createRedisShows(redis)
    .put({ ...show, state: 'live' })
    .finally(() => redis.quit());
}

/** @param room as `openRoom` made it; whoever publishes may be in it already */
export async function startEgress(
  install: Install,
  { roomName, playbackId, rooms }: Awaited<ReturnType<typeof openRoom>>,
): Promise<DirectEgress> {
  const { LIVEKIT_URL = '', LIVEKIT_API_KEY, LIVEKIT_API_SECRET } = install.env;
  const client = new EgressClient(LIVEKIT_URL, LIVEKIT_API_KEY, LIVEKIT_API_SECRET);
  await makePlayable(install, playbackId);
  const output = { filenamePrefix: `media/${playbackId}/`, playlistName: 'index.m3u8', segmentDuration: 1 };
  const segments = new SegmentedFileOutput(output);
  const { egressId } = await client.startRoomCompositeEgress(roomName, { segments }, { layout: 'scene' });
  const status = async () => (await client.listEgress({ egressId }))[0]?.status;
  await eventually('the egress is active', async () => (await status()) === EgressStatus.EGRESS_ACTIVE);
  const health = egressHealthUrl(install);
  return {
    egressId,
    roomName,
    playbackId,
    async look() {
      const answer = await fetch(`${health}/inspect/${egressId}.json`);
      if (!answer.ok) throw new Error(`the egress worker does not know ${egressId}: ${answer.status}`);
      return (await answer.json()) as EgressInspection;
    },
    addPush: async (url) => void (await client.updateStream(egressId, [url], [])),
    removePush: async (url) => void (await client.updateStream(egressId, [], [url])),
    async setSeats(seatRoom) {
      const [room] = await rooms.listRooms([roomName]);
      const { seats: _, ...metadata } = JSON.parse(room?.metadata ?? '{}');
      const next = seatRoom ? { ...metadata, seats: { room: seatRoom } } : metadata;
      await rooms.updateRoomMetadata(roomName, JSON.stringify(next));
    },
    async stop() {
      await client.stopEgress(egressId).catch(() => undefined);
      await eventually('the egress has ended', async () => ((await status()) ?? 0) > EgressStatus.EGRESS_ENDING);
      await rooms.deleteRoom(roomName).catch(() => undefined);
    },
  };
}
