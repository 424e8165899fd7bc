import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { renderEndedManifest, renderLiveManifest } from './dash.ts';
import type { DashRendition } from './dash-periods.ts';
import type { WindowSegment } from './feed-window.ts';

const START_MS = Date.UTC(2026, 0, 1);

type Row = { m: number; t: number; d: number; e?: number; gap?: boolean; closed?: boolean };
const segment = ({ m, t, d, e = 1, gap = false, closed = true }: Row): WindowSegment => ({
  m,
  e,
  d,
  w: Math.round(START_MS + t / 90),
  x: false,
  closed,
  gap,
  parts: [],
  whole: false,
});

/** `count` segments of a second from `m` on, beginning at media time `t`; AAC frames do not divide a second. */
function seconds(kind: 'video' | 'audio', count: number, from: { m: number; t: number; e?: number } = { m: 0, t: 0 }) {
  const rows: WindowSegment[] = [];
  let t = from.t;
  for (let i = 0; i < count; i++) {
    const border = from.t + (i + 1) * 90_000;
    const d = kind === 'video' ? 90_000 : Math.ceil((border - t) / 1920) * 1920;
    rows.push(segment({ m: from.m + i, t, d, e: from.e }));
    t += d;
  }
  return rows;
}
const video = (id: string, segments: WindowSegment[], on?: boolean): DashRendition => ({
  rendition: {
    id,
    kind: 'video',
    codecs: 'avc1.64001f',
    width: 640,
    height: 360,
    fps: 30,
    bandwidth: 1_000_000,
    ...(on === undefined ? {} : { on }),
  },
  segments,
});
const audio = (segments: WindowSegment[]): DashRendition => ({
  rendition: { id: 'audio', kind: 'audio', codecs: 'mp4a.40.2', bandwidth: 130_000 },
  segments,
});
const source = (...renditions: DashRendition[]) => ({ renditions, startedAtMs: START_MS, segmentMs: 1000 });
const live = (...renditions: DashRendition[]) =>
  renderLiveManifest(source(...renditions), { dvrS: 30, latency: 'low' }) ?? '';

const attribute = (tag: string, name: string) => new RegExp(` ${name}="([^"]*)"`).exec(tag)?.[1] ?? '';
/** Periods with their representations, numbers and times, as a player reads them. */
function read(mpd: string) {
  return [...mpd.matchAll(/<Period [\s\S]*?<\/Period>/g)].map(([period]) => ({
    id: attribute(period, 'id'),
    startS: Number(/PT([\d.]+)S/.exec(attribute(period, 'start'))?.[1]),
    representations: [...period.matchAll(/<Representation [\s\S]*?<\/Representation>/g)].map(([text]) => {
      let t = 0;
      let number = Number(attribute(text, 'startNumber'));
      const segments: { n: number; t: number; d: number }[] = [];
      for (const [s] of text.matchAll(/<S [^>]*>/g)) {
        t = attribute(s, 't') === '' ? t : Number(attribute(s, 't'));
        const d = Number(attribute(s, 'd'));
        for (let r = 0; r <= Number(attribute(s, 'r')); r++, t += d) segments.push({ n: number++, t, d });
      }
      const offset = Number(attribute(text, 'presentationTimeOffset'));
      return { id: attribute(text, 'id'), init: attribute(text, 'initialization'), offset, segments };
    }),
  }));
}
const numbers = (list: { n: number }[] = []) => list.map(({ n }) => n);

describe('the manifest of a show that runs', () => {
  test('names the files that the playlists name, to the newest segment that every rendition has', () => {
    const open = segment({ m: 4, t: 4 * 90_000, d: 30_000, closed: false });
    const mpd = live(video('360p', [...seconds('video', 4), open]), audio(seconds('audio', 5)));
    const [period] = read(mpd);
    expect(period?.representations.map(({ id, init, segments }) => [id, init, numbers(segments)])).toEqual([
      ['360p', '360p/init-1.mp4', [0, 1, 2, 3]],
      ['audio', 'audio/init-1.mp4', [0, 1, 2, 3]],
    ]);
    expect(mpd).toContain('type="dynamic" availabilityStartTime="2026-01-01T00:00:00.000Z"');
    expect(mpd).toContain('minimumUpdatePeriod="PT1S" timeShiftBufferDepth="PT30S" suggestedPresentationDelay="PT3S"');
    expect(mpd).toContain('<UTCTiming schemeIdUri="urn:mpeg:dash:utc:http-xsdate:2014" value="time"/>');
    expect(mpd).toContain('media="360p/$Number$.m4s"');
    expect(mpd).toContain('<S t="0" d="90000" r="3"/>');
  });

  test('says nothing while no segment is whole', () => {
    const open = segment({ m: 0, t: 0, d: 18_000, closed: false });
    expect(renderLiveManifest(source(video('360p', [open])), { dvrS: 30, latency: 'low' })).toBe(null);
  });

  test('a segment keeps number, time and period while the window slides, and sound joins to the sample', () => {
    const sound = seconds('audio', 90);
    const picture = seconds('video', 90);
    const seen = new Map<string, string>();
    for (let count = 4; count <= 90; count++) {
      const periods = read(live(video('360p', picture.slice(0, count)), audio(sound.slice(0, count))));
      expect(periods.map(({ id, startS }) => [id, startS])).toEqual([['e1-0', 0]]);
      for (const { id, segments } of periods[0]?.representations ?? []) {
        expect(segments.length).toBeLessThanOrEqual(id === 'audio' ? 32 : 31);
        for (const { n, t, d } of segments) {
          expect(seen.get(`${id} ${n}`) ?? `${t} ${d}`).toBe(`${t} ${d}`);
          seen.set(`${id} ${n}`, `${t} ${d}`);
        }
      }
    }
  });

  test("a new writer is a new period at its own place on the show's axis", () => {
    const e2 = { m: 5, t: 8 * 90_000 + 900, e: 2 };
    const periods = read(
      live(
        video('360p', [...seconds('video', 5), ...seconds('video', 3, e2)]),
        audio([...seconds('audio', 5), ...seconds('audio', 3, e2)]),
      ),
    );
    expect(periods.map(({ id, startS }) => [id, startS])).toEqual([
      ['e1-0', 0],
      ['e2-5', 8.01],
    ]);
    const [, second] = periods;
    for (const { init, offset, segments } of second?.representations ?? []) {
      expect(init.endsWith('/init-2.mp4')).toBe(true);
      expect(offset).toBe(e2.t);
      expect(segments[0]).toMatchObject({ n: 5, t: e2.t });
    }
  });

  test('a rung that is off is not in the newest period, and in one again when it is back', () => {
    const low = seconds('video', 12);
    const top = seconds('video', 12).map((one, i) => (i >= 4 && i < 8 ? { ...one, gap: true } : one));
    const ids = (mpd: string) => read(mpd).map(({ id, representations }) => [id, ...representations.map((r) => r.id)]);
    const sound = audio(seconds('audio', 12));
    const off = live(video('720p', top.slice(0, 4), false), video('360p', low.slice(0, 7)), sound);
    expect(ids(off)).toEqual([
      ['e1-0', '720p', '360p', 'audio'],
      ['e1-4', '360p', 'audio'],
    ]);
    expect(ids(live(video('720p', top), video('360p', low), sound))).toEqual([
      ['e1-0', '720p', '360p', 'audio'],
      ['e1-4', '360p', 'audio'],
      ['e1-8', '720p', '360p', 'audio'],
    ]);
  });
});

describe('the manifest of a show that is over', () => {
  const renditions = () => {
    const e2 = { m: 5, t: 20 * 90_000, e: 2 };
    return [
      video('360p', [...seconds('video', 5), ...seconds('video', 5, e2)]),
      audio([...seconds('audio', 5), ...seconds('audio', 5, e2)]),
    ];
  };

  test('is whole and static, its periods follow each other at once', () => {
    const mpd = renderEndedManifest(source(...renditions()), { closeHoles: true }) ?? '';
    expect(mpd).toContain('type="static" mediaPresentationDuration="PT10.');
    const starts = read(mpd).map(({ startS }) => startS);
    expect(starts[0]).toBe(0);
    expect(starts[1]).toBeGreaterThanOrEqual(5);
    expect(starts[1]).toBeLessThan(5.03);
    expect(mpd).not.toContain('UTCTiming');
  });

  test('keeps the axis of the live show for those who still watch it', () => {
    const mpd = renderEndedManifest(source(...renditions()), { closeHoles: false }) ?? '';
    expect(read(mpd).map(({ startS }) => startS)).toEqual([0, 20]);
  });

  test('what every rendition lost is a hole, what lost only its picture too', () => {
    const lost = (m: number) => (one: WindowSegment) => (one.m === m ? { ...one, gap: true } : one);
    const mpd = renderEndedManifest(
      source(video('360p', seconds('video', 9).map(lost(3))), audio(seconds('audio', 9).map(lost(6)))),
      { closeHoles: true },
    );
    expect(read(mpd ?? '').map(({ representations }) => representations.map((one) => numbers(one.segments)))).toEqual([
      [
        [0, 1, 2],
        [0, 1, 2],
      ],
      [
        [4, 5],
        [4, 5],
      ],
      [
        [7, 8],
        [7, 8],
      ],
    ]);
  });

  test('whatever is lost, no manifest names a lost segment, and each segment that all have is named once', () => {
    const losses = fc.array(fc.record({ m: fc.nat(39), rendition: fc.nat(2) }), { maxLength: 15 });
    fc.assert(
      fc.property(losses, fc.integer({ min: 1, max: 39 }), (lost, crash) => {
        const parts = (kind: 'video' | 'audio', index: number) =>
          [...seconds(kind, crash), ...seconds(kind, 40 - crash, { m: crash, t: (crash + 3) * 90_000, e: 2 })].map(
            (one) => ({ ...one, gap: lost.some(({ m, rendition }) => rendition === index && m === one.m) }),
          );
        const all = [video('720p', parts('video', 0)), video('360p', parts('video', 1)), audio(parts('audio', 2))];
        const periods = read(renderEndedManifest(source(...all), { closeHoles: true }) ?? '');
        const named = new Map<string, number>();
        for (const { representations } of periods) {
          for (const { id, segments } of representations) {
            for (const { n } of segments) named.set(`${id} ${n}`, (named.get(`${id} ${n}`) ?? 0) + 1);
          }
        }
        for (const { rendition, segments } of all) {
          for (const { m, gap } of segments) {
            const count = named.get(`${rendition.id} ${m}`) ?? 0;
            const complete = all.every((one) => !one.segments[m]?.gap);
            expect(count).toBe(gap ? 0 : complete ? 1 : count > 0 ? 1 : 0);
          }
        }
        expect(periods.every(({ startS }, i) => i === 0 || startS > (periods[i - 1]?.startS ?? 0))).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});
