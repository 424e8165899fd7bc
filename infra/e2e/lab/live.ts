import { mediaKeys } from '#core/playback/live-feed';
import type { TestOrigin } from '../../../app/_playback/fixtures/test-origin.contract.ts';
import { SHOW } from '../../../app/_playback/fixtures/test-origin.contract.ts';
import { type CmafSource, type Fragment, startCmafSource } from '../../bench/cmaf-source.ts';

type Track = { id: string; sampleTicks: number; samplesAPart: number; source: CmafSource['video'] };

const SIZES = [
  { id: '360p', size: '640x360', kbps: 500, bandwidth: 900_000, width: 640, height: 360 },
  { id: '180p', size: '320x180', kbps: 150, bandwidth: 300_000, width: 320, height: 180 },
];

/**
 * A live show of a test picture and tone, two rungs, written to the origin's feed as the engine writes it.
 * @param historyS seconds that the show has lasted already, for the DVR window
 * @returns `whenThere` resolves when every track has come up to the present: until then its edge runs faster than a clock
 */
export function startLive(
  origin: TestOrigin,
  historyS: number,
): {
  whenThere: Promise<unknown>;
  end(): Promise<void>;
  freeze(frozen: boolean): void;
  rung(id: string, on: boolean): void;
} {
  const startedAtMs = Date.now() - historyS * 1000;
  const off = new Set<string>();
  const announce = () =>
    origin.record({
      partMs: 213.34,
      startedAtMs,
      renditions: [
        ...SIZES.map(({ id, bandwidth, width, height }) => ({
          id,
          kind: 'video' as const,
          codecs: 'avc1.42c01e',
          width,
          height,
          fps: 30,
          bandwidth,
          on: !off.has(id),
        })),
        { id: 'audio', kind: 'audio', codecs: 'mp4a.40.2', bandwidth: 110_000 },
      ],
    });
  announce();
  let ended = false;
  let frozen = false;
  const sources = SIZES.map(({ size, kbps }) =>
    startCmafSource({ seconds: historyS + 3600, size, bitrateKbps: kbps, realTime: false }),
  );
  const [first, second] = sources;
  if (!first || !second) throw new Error('two rungs are needed');
  void drain(second.audio);
  const tracks: Track[] = [
    { id: '360p', sampleTicks: 3000, samplesAPart: 6, source: first.video },
    { id: '180p', sampleTicks: 3000, samplesAPart: 6, source: second.video },
    { id: 'audio', sampleTicks: 1920, samplesAPart: 10, source: first.audio },
  ];
  const written: Promise<number>[] = [];
  const whenThere = Promise.all(
    tracks.map((track) => new Promise<void>((resolve) => written.push(write(track, resolve)))),
  );

  async function write({ id, sampleTicks, samplesAPart, source }: Track, onPresent: () => void): Promise<number> {
    let held: Fragment[] = [];
    let [ticks, segmentTicks, m] = [0, 0, 0];
    let parts: Buffer[] = [];
    let announced = false;
    let isOff = false;
    for await (const fragment of source.fragments) {
      if (ended) break;
      if (!announced) origin.feed.writeInit(SHOW.playbackId, id, 1, await source.init);
      announced = true;
      held.push(fragment);
      const heldTicks = held.reduce((sum, each) => sum + each.samples, 0) * sampleTicks;
      const closes = ticks + heldTicks + sampleTicks / 2 > (m + 1) * 90_000;
      if (!closes && held.length < samplesAPart) continue;
      if (Date.now() < startedAtMs + (ticks + heldTicks) / 90) onPresent();
      await until(() => ended || (!frozen && Date.now() >= startedAtMs + (ticks + heldTicks) / 90));
      // A rung goes and comes at borders of segments, as the engine's governor does it; what it lacks is a gap.
      if (parts.length === 0 && segmentTicks === 0) isOff = off.has(id);
      if (isOff) {
        held = [];
        segmentTicks += heldTicks;
        ticks += heldTicks;
        if (!closes) continue;
        const gap = { e: 1, m, d: segmentTicks, w: Math.round(startedAtMs + (ticks - segmentTicks) / 90), x: false };
        origin.feed.append(SHOW.playbackId, id, [{ t: 'gap', ...gap }], [{ ...gap, s: 0, gap: true }]);
        segmentTicks = 0;
        m++;
        continue;
      }
      const b = Buffer.concat(held.map(({ bytes }) => bytes));
      const w = Math.round(startedAtMs + ticks / 90);
      const part = {
        t: 'part',
        e: 1,
        m,
        p: parts.length,
        d: heldTicks,
        i: parts.length === 0,
        w,
        x: false,
        b,
      } as const;
      held = [];
      parts.push(b);
      segmentTicks += heldTicks;
      ticks += heldTicks;
      if (!closes) {
        origin.feed.append(SHOW.playbackId, id, [part]);
        continue;
      }
      const facts = { e: 1, m, d: segmentTicks, w: Math.round(startedAtMs + (ticks - segmentTicks) / 90), x: false };
      const k = mediaKeys.segment(SHOW.playbackId, id, m);
      await origin.storage.put(k, Buffer.concat(parts), 'video/mp4');
      const segment = { t: 'segment', ...facts, parts: parts.length, k } as const;
      origin.feed.append(
        SHOW.playbackId,
        id,
        [part, segment],
        [{ ...facts, s: parts.reduce((sum, each) => sum + each.length, 0) }],
      );
      parts = [];
      segmentTicks = 0;
      m++;
    }
    onPresent();
    return m;
  }

  return {
    whenThere,
    freeze(on) {
      frozen = on;
    },
    rung(id, on) {
      if (on) off.delete(id);
      else off.add(id);
      announce();
    },
    async end() {
      ended = true;
      for (const { process } of sources) process.kill('SIGKILL');
      const lengths = await Promise.all(written);
      tracks.forEach(({ id }, i) => {
        origin.feed.append(SHOW.playbackId, id, [{ t: 'end', e: 1, m: lengths[i] ?? 0 }]);
      });
      origin.record({ state: 'ended', startedAtMs });
    },
  };
}

async function drain(track: CmafSource['audio']): Promise<void> {
  for await (const _ of track.fragments);
}

async function until(check: () => boolean): Promise<void> {
  while (!check()) await new Promise((resolve) => setTimeout(resolve, 5));
}
