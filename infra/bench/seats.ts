/**
 * `npm run bench:seats [-- --seats 1,6,12] [--seconds 10] [--json]`: what a seat (the program over WebRTC) costs LiveKit, and so how many of them
 * a machine bears: the value of OPENAIR_SEATS.
 */
import { cpus } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { dispose, Room, RoomEvent, type TrackKind } from '@livekit/rtc-node';
import { SEATS_SHARE } from '../../app/_wiring/seats-borne.ts';
import { readState } from '../native/supervise/state-file.ts';
import { startEncoder } from './clock/rtmp-source.ts';
import { treeTimes } from './lib/cpu.ts';
import { api, type BroadcastAnswer, eventually, openInstall } from './lib/install.ts';
import { fitLine } from './origin/fit-line.ts';

const { values: options } = parseArgs({
  options: {
    seats: { type: 'string', default: '1,6,12' },
    seconds: { type: 'string', default: '10' },
    json: { type: 'boolean', default: false },
  },
});
const counts = options.seats
  .split(',')
  .map(Number)
  .filter((count) => count > 0 && count <= 18)
  .sort((a, b) => a - b);
const seconds = Math.min(120, Math.max(5, Number(options.seconds) || 10));

type Ticket = { seat: string; livekitUrl: string; token: string };
type Point = { seats: number; livekitCores: number };

const install = openInstall();
const livekitPid = readState(install.home)?.parts.livekit?.pid;
if (!livekitPid) throw new Error('the install does not run a LiveKit of its own');
const handle = `seats-${Date.now().toString(36)}`;
await api(install, 'POST', '/channels', { handle, name: 'Seats' });
const wish = { title: 'Seats', visibility: 'public' };
const show = await api<BroadcastAnswer>(install, 'POST', `/channels/${handle}/broadcasts`, wish);
const { rtmp } = await api<{ rtmp: { url: string; streamKey: string } }>(install, 'GET', `/channels/${handle}/ingest`);
const encoder = startEncoder({ url: `${rtmp.url}/${rtmp.streamKey}` });
const viewers: { room: Room; ticket: Ticket }[] = [];
const points: Point[] = [];
try {
  await api(install, 'POST', `/broadcasts/${show.id}/start`);
  await eventually('the broadcast is live', async () => {
    const { state } = await api<BroadcastAnswer>(install, 'GET', `/broadcasts/${show.id}`);
    return state === 'live';
  });
  const keeping = setInterval(() => void keep(), 10_000);
  for (const count of counts) {
    while (viewers.length < count) viewers.push(await sit());
    await wait(3000);
    const before = treeTimes(livekitPid).cpuS;
    await wait(seconds * 1000);
    points.push({ seats: count, livekitCores: (treeTimes(livekitPid).cpuS - before) / seconds });
  }
  clearInterval(keeping);
} finally {
  for (const { room, ticket } of viewers) {
    await room.disconnect().catch(() => {});
    await api(install, 'DELETE', `/broadcasts/${show.id}/seats/${ticket.seat}`).catch(() => {});
  }
  await api(install, 'POST', `/broadcasts/${show.id}/end`).catch(() => {});
  await encoder.stop();
  await dispose();
}

/** Takes a seat and waits until picture and sound are subscribed; nothing is decoded here. */
async function sit(): Promise<{ room: Room; ticket: Ticket }> {
  const ticket = await api<Ticket>(install, 'POST', `/broadcasts/${show.id}/seats`, { rank: 'viewer' });
  const room = new Room();
  const kinds = new Set<TrackKind | undefined>();
  room.on(RoomEvent.TrackSubscribed, (track) => kinds.add(track.kind));
  await room.connect(ticket.livekitUrl, ticket.token, { autoSubscribe: true, dynacast: false });
  await eventually('the seat has picture and sound', async () => kinds.size === 2);
  return { room, ticket };
}

async function keep(): Promise<void> {
  for (const { ticket } of viewers) {
    await api(install, 'PUT', `/broadcasts/${show.id}/seats/${ticket.seat}`, {}).catch(() => {});
  }
}

const { slope } = fitLine(points.map(({ seats, livekitCores }) => ({ x: seats, y: livekitCores })));
const room = Math.floor((cpus().length * SEATS_SHARE) / Math.max(slope, 0.0001));
if (options.json) console.log(JSON.stringify({ node: process.version, points, coresASeat: slope, room }, null, 2));
else {
  for (const { seats, livekitCores } of points) console.log(`${seats} seats: LiveKit ${livekitCores.toFixed(3)} core`);
  console.log(`a seat: ${slope.toFixed(4)} core; a quarter of this machine (${cpus().length} cores): ${room} seats`);
}
