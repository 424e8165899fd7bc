import { setTimeout as wait } from 'node:timers/promises';
import { EgressClient, EncodingOptions, RoomServiceClient, SegmentedFileOutput } from 'livekit-server-sdk';
import { egressHealthUrl } from '../bench/lib/direct-egress.ts';
import { eventually } from '../bench/lib/install.ts';
import { readInstall } from '../native/install.ts';
import type { Fault } from './inject.ts';
import { freeze, hit, partOf, pipelineOf, whenBack } from './processes.ts';
import { checkRecording } from './recording.ts';
import { startSecondControl } from './second-worker.ts';
import { Show } from './show.ts';

const UNBROKEN = { longestGapMs: 1500, discontinuities: 0, lostS: 0 };

const hostGone = (name: string, seconds: number, long = false): Fault => ({
  name,
  row: 'R-32',
  expected: `the encoder is gone for ${seconds} s: slate within 15 s, then the picture again within 10 s, one unbroken show`,
  limits: UNBROKEN,
  destination: true,
  long,
  async inject(show, mark) {
    mark();
    await show.stopPublishing();
    const slateMs = await show.showsWithin('slate', 15_000);
    await wait(Math.max(0, seconds * 1000 - slateMs));
    show.publishAgain();
    const backMs = await show.showsWithin('source', 10_000);
    await show.becomes('live');
    return [`slate after ${(slateMs / 1000).toFixed(1)} s`, `picture ${(backMs / 1000).toFixed(1)} s after the return`];
  },
});

export const WORLD_FAULTS: Fault[] = [
  {
    name: 'livekit-restarts',
    row: 'R-21',
    expected:
      'livekit-server gets SIGKILL: the show goes on with the slate, the picture is back within 25 s, no discontinuity',
    limits: UNBROKEN,
    destination: true,
    async inject(show, mark) {
      const { home } = show.install;
      const before = partOf(home, 'livekit');
      mark();
      hit(before, 'SIGKILL');
      const slateMs = await show.showsWithin('slate', 15_000);
      const backMs = await show.showsWithin('source', 25_000);
      await whenBack(home, 'livekit', before);
      return [
        `slate after ${(slateMs / 1000).toFixed(1)} s`,
        `picture ${((slateMs + backMs) / 1000).toFixed(1)} s after the fault`,
      ];
    },
  },
  {
    name: 'livekit-hangs',
    row: 'R-21',
    expected: 'livekit-server hangs for 30 s: slate meanwhile, the picture is back within 30 s of its return',
    limits: UNBROKEN,
    async inject(show, mark) {
      mark();
      const livekit = partOf(show.install.home, 'livekit');
      let slateMs = 0;
      await freeze(livekit, async () => {
        slateMs = await show.showsWithin('slate', 15_000);
        await wait(30_000 - slateMs);
      });
      const backMs = await show.showsWithin('source', 30_000);
      return [
        `slate after ${(slateMs / 1000).toFixed(1)} s`,
        `picture ${(backMs / 1000).toFixed(1)} s after the return`,
      ];
    },
  },
  {
    name: 'room-deleted',
    row: 'R-22',
    expected:
      'the room is deleted under a live broadcast: room and egress are made anew, the picture is back within 15 s under the same URLs',
    limits: { backWithinMs: 15_000, longestGapMs: 15_000, discontinuities: 1, lostS: 15 },
    destination: true,
    async inject(show, mark) {
      const { LIVEKIT_URL = '', LIVEKIT_API_KEY, LIVEKIT_API_SECRET } = show.install.env;
      const rooms = new RoomServiceClient(LIVEKIT_URL, LIVEKIT_API_KEY, LIVEKIT_API_SECRET);
      const before = (await show.egresses()).filter(({ active }) => active).map(({ id }) => id);
      mark();
      const begun = Date.now();
      await rooms.deleteRoom(await show.roomName());
      await eventually('another egress runs', async () =>
        (await show.egresses()).some(({ id, active }) => active && !before.includes(id)),
      );
      const egressMs = Date.now() - begun;
      // What the feed says until then was shown by the egress before.
      await show.showsWithin('slate', 15_000);
      await show.showsWithin('source', 15_000);
      const backMs = Date.now() - begun;
      if (backMs > 15_000) throw new Error(`the picture was back after ${(backMs / 1000).toFixed(1)} s`);
      await show.becomes('live');
      return [
        `another egress after ${(egressMs / 1000).toFixed(1)} s`,
        `the picture after ${(backMs / 1000).toFixed(1)} s`,
      ];
    },
  },
  hostGone('host-gone-20s', 20),
  hostGone('host-gone-120s', 120),
  {
    name: 'no-room',
    row: 'R-8',
    expected:
      'an egress that does not fit is refused within 2 s with the cores it needs and those that are free; the running one goes on',
    limits: UNBROKEN,
    async inject(show, mark) {
      const { LIVEKIT_URL = '', LIVEKIT_API_KEY = '', LIVEKIT_API_SECRET = '' } = show.install.env;
      const client = new EgressClient(LIVEKIT_URL, LIVEKIT_API_KEY, LIVEKIT_API_SECRET);
      const segments = new SegmentedFileOutput({ filenamePrefix: 'faults/none/', playlistName: 'index.m3u8' });
      // LiveKit asks for the room first: one that is not there is refused before any worker is asked.
      const room = await show.roomName();
      const encodingOptions = new EncodingOptions({ width: 3840, height: 2160, framerate: 60, videoBitrate: 20_000 });
      mark();
      const begun = Date.now();
      const refusal = await client
        .startRoomCompositeEgress(room, { segments }, { layout: 'grid', encodingOptions })
        .then(
          (info) => client.stopEgress(info.egressId),
          (error: Error) => error.message,
        );
      const ms = Date.now() - begun;
      if (typeof refusal !== 'string') throw new Error('it was accepted');
      if (!/cores are needed/.test(refusal)) throw new Error(`the reason says nothing of cores: ${refusal}`);
      if (ms > 2000) throw new Error(`the refusal took ${ms} ms`);
      return [`refused after ${(ms / 1000).toFixed(2)} s: "${refusal}"`];
    },
  },
  {
    name: 'worker-drains',
    row: 'R-6',
    expected:
      'egress worker gets SIGTERM: it takes nothing new, the running show goes on to its end, then the worker ends by itself',
    limits: UNBROKEN,
    async inject(show, mark) {
      const { home } = show.install;
      const worker = partOf(home, 'egress');
      const child = await pipelineOf(egressHealthUrl(show.install));
      mark();
      hit(worker, 'SIGTERM');
      await wait(4000);
      if ((await pipelineOf(egressHealthUrl(show.install))).pid !== child.pid)
        throw new Error('the running egress was restarted');
      const { status } = await fetch(`http://127.0.0.1:${readInstall(home).ports.egressHealth}/readyz`);
      if (status !== 503) throw new Error(`a worker that drains says ready (${status})`);
      await show.end();
      await whenBack(home, 'egress', worker);
      return ['ended by itself after the show'];
    },
    ends: true,
  },
  {
    name: 'two-controls',
    row: 'R-47',
    expected:
      'two control workers, the first is stopped for 20 s while another show starts and ends: one egress and one recording a show',
    limits: UNBROKEN,
    async inject(show, mark) {
      const second = await startSecondControl(show.install);
      const facts: string[] = [];
      try {
        mark();
        await freeze(partOf(show.install.home, 'control'), async () => {
          const begun = Date.now();
          const other = await Show.open(show.install, null);
          try {
            facts.push(`another show on air after ${((Date.now() - begun) / 1000).toFixed(1)} s`);
            await other.end();
            const { durationS } = await checkRecording(other);
            facts.push(`its recording ${durationS.toFixed(1)} s`);
            await wait(Math.max(0, 20_000 - (Date.now() - begun)));
          } finally {
            await other.close();
          }
          await oneEgress(other, 0);
        });
        await wait(7000); // a pass of the one that was stopped
        await oneEgress(show, 1);
      } finally {
        await second.end();
      }
      return facts;
    },
  },
];

async function oneEgress(show: Show, active: number): Promise<void> {
  const all = await show.egresses();
  const running = all.filter((one) => one.active).length;
  if (all.length !== 1 || running !== active) {
    throw new Error(`a show has ${all.length} egresses, ${running} running, instead of one`);
  }
}
