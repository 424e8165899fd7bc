import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FeedWindow } from './feed-window.ts';
import type { FeedEntry } from './live-feed.ts';
import { renderEndedPlaylist, renderLivePlaylist } from './playlist.ts';
import { expectContinuous, expectDeltaEqualsFull, expectLawful, readPlaylist } from './playlist-rules.contract.ts';

const START_MS = 1_700_000_000_000;
const settings = { segmentMs: 1000, partMs: 213.34, dvrS: 30 };
const short = { ...settings, dvrS: 8 };
const NO_REPORTS: { id: string; msn: number; part: number }[] = [];

/** What happens to one segment of a run. */
const event = fc.record({
  kind: fc.constantFrom('whole', 'whole', 'whole', 'whole', 'whole', 'gap', 'hole', 'crash'),
  // AAC frames a part: none under 85 % of the part target, as the engine cuts them.
  parts: fc.array(fc.integer({ min: 9, max: 10 }), { minLength: 3, maxLength: 5 }),
});

/** A whole run as the engine writes it: segments of parts, gaps, numbers that are missing, and new writers after a crash. */
function* entriesOf(run: readonly { kind: string; parts: number[] }[]): Generator<FeedEntry> {
  let epoch = 1;
  let m = 0;
  let w = START_MS;
  let x = false;
  yield { t: 'init', e: epoch, b: new Uint8Array(1) };
  for (const { kind, parts } of run) {
    if (kind === 'hole') m++;
    if (kind === 'gap') {
      yield { t: 'gap', e: epoch, m, d: 90_000, w, x };
      w += 1000;
    } else {
      const shown = kind === 'crash' ? parts.slice(0, 2) : parts;
      for (const [p, frames] of shown.entries()) {
        yield { t: 'part', e: epoch, m, p, d: frames * 1920, i: p === 0, w, x, b: new Uint8Array(2) };
      }
      const d = shown.reduce((sum, frames) => sum + frames * 1920, 0);
      if (kind !== 'crash') yield { t: 'segment', e: epoch, m, parts: shown.length, d, w, x, k: null };
      w += Math.round(d / 90);
    }
    m++;
    x = kind === 'crash';
    if (!x) continue;
    epoch++;
    w += 2500;
    yield { t: 'init', e: epoch, b: new Uint8Array(1) };
  }
  yield { t: 'end', e: epoch, m };
}

const newWindow = () => new FeedWindow({ keepPartsMs: 30_000, segmentMs: 1000 });
const live = (window: FeedWindow, delta = false) =>
  renderLivePlaylist(window, settings, { delta, reports: NO_REPORTS });

describe('a media playlist over a whole random run', () => {
  test('keeps the rules of RFC 8216bis in each version, and between versions', () => {
    fc.assert(
      fc.property(fc.array(event, { minLength: 1, maxLength: 60, size: 'max' }), (run) => {
        const window = newWindow();
        let before: ReturnType<typeof readPlaylist> | null = null;
        for (const entry of entriesOf(run)) {
          window.apply(entry);
          const after = expectLawful(renderLivePlaylist(window, short, { delta: false, reports: NO_REPORTS }));
          if (before) expectContinuous(before, after);
          before = after;
        }
        expect(before?.ended).toBe(true);
      }),
      { numRuns: 20 },
    );
  });

  test('a delta put onto the playlist before it equals the full one', () => {
    fc.assert(
      fc.property(fc.array(event, { minLength: 12, maxLength: 60 }), (run) => {
        const window = newWindow();
        let previous = readPlaylist(live(window));
        let skipped = 0;
        for (const entry of entriesOf(run)) {
          window.apply(entry);
          if (window.ended) break;
          const full = readPlaylist(live(window));
          const delta = readPlaylist(live(window, true));
          expectDeltaEqualsFull(previous, delta, full);
          skipped += delta.skipped;
          previous = full;
        }
        return run.length < 20 || skipped > 0;
      }),
      { numRuns: 20 },
    );
  });

  test('a reader that comes late, at any moment, shows the same as one that was there from the start', () => {
    fc.assert(
      fc.property(fc.array(event, { minLength: 1, maxLength: 30 }), fc.nat(), (run, at) => {
        const all = [...entriesOf(run)];
        const cut = at % all.length;
        const early = newWindow();
        for (const entry of all) early.apply(entry);
        const late = newWindow();
        late.restore([], all.slice(0, cut));
        for (const entry of all.slice(cut)) late.apply(entry);
        expect(live(late)).toBe(live(early));
      }),
      { numRuns: 20 },
    );
  });

  test('entries that come twice change nothing', () => {
    fc.assert(
      fc.property(fc.array(event, { minLength: 1, maxLength: 20 }), (run) => {
        const once = newWindow();
        const twice = newWindow();
        for (const entry of entriesOf(run)) {
          once.apply(entry);
          twice.apply(entry);
          twice.apply(entry);
        }
        expect(live(twice)).toBe(live(once));
      }),
      { numRuns: 20 },
    );
  });
});

describe('a reader that comes late', () => {
  const facts = (m: number) => ({ e: 1, m, d: 90_000, w: START_MS + m * 1000, x: false });
  const part = (m: number, p: number): FeedEntry => {
    const w = START_MS + m * 1000 + p * 200;
    return { t: 'part', e: 1, m, p, d: 18_000, i: p === 0, w, x: false, b: new Uint8Array(1) };
  };
  const parts = (m: number, from = 0) => [0, 1, 2, 3, 4].slice(from).map((p) => part(m, p));
  const closed = (m: number, k: string | null = null): FeedEntry => ({ t: 'segment', ...facts(m), parts: 5, k });

  test('takes what the stream lost from the index, also when it tells of old segments that were stored late', () => {
    const index = Array.from({ length: 32 }, (_, m) => ({ ...facts(m), s: 1 }));
    const late = newWindow();
    late.restore(index, [
      closed(3, 'k'),
      ...parts(30, 2),
      closed(30),
      closed(4, 'k'),
      ...parts(31),
      closed(31),
      part(32, 0),
    ]);
    const early = newWindow();
    for (let m = 0; m < 32; m++) for (const entry of [...parts(m), closed(m)]) early.apply(entry);
    early.apply(part(32, 0));
    const bare = (text: string) => text.replaceAll(/#EXT-X-PART:.*URI="(29|30)\..*\n/g, '');
    expect(bare(live(late))).toBe(bare(live(early)));
    expect(late.segments.some(({ gap }) => gap)).toBe(false);
  });

  test('a hole is filled when its segment is stored after all, whoever wrote it', () => {
    const window = newWindow();
    for (const entry of [...parts(0), closed(0), ...parts(2), closed(2)]) window.apply(entry);
    window.apply({ t: 'init', e: 2, b: new Uint8Array(1) });
    expect(window.at(1)?.gap).toBe(true);
    expect(window.apply(closed(1, 'k'))).toBe(true);
    expect(window.at(1)).toMatchObject({ gap: false, ...facts(1) });
  });
});

test('entries of a writer that was replaced are refused (R-5)', () => {
  const window = newWindow();
  const entry = { t: 'part', m: 0, p: 0, d: 18_000, i: true, w: START_MS, x: false, b: new Uint8Array(1) } as const;
  window.apply({ ...entry, e: 2 });
  expect(window.apply({ ...entry, p: 1, e: 1 })).toBe(false);
  expect(window.apply({ ...entry, p: 1, e: 2 })).toBe(true);
});

test('bytes further back than 30 s are let go of, also when the clock was set back (R-28)', () => {
  const window = newWindow();
  for (let m = 0; m < 200; m++) {
    const w = START_MS + m * 1000 - (m > 100 ? 3_600_000 : 0);
    window.apply({ t: 'part', e: 1, m, p: 0, d: 90_000, i: true, w, x: false, b: new Uint8Array(1) });
    window.apply({ t: 'segment', e: 1, m, parts: 1, d: 90_000, w, x: false, k: null });
    const kept = window.segments.filter(({ parts }) => parts.length > 0).length;
    expect(kept).toBeLessThanOrEqual(61);
    expect(kept).toBeGreaterThanOrEqual(Math.min(m + 1, 29));
  }
});

/** A window of whole seconds, five parts each. */
function secondsOf(count: number, firstMsn = 0): FeedWindow {
  const window = newWindow();
  for (let m = firstMsn; m < firstMsn + count; m++) {
    const w = START_MS + m * 1000;
    for (let p = 0; p < 5; p++) {
      window.apply({ t: 'part', e: 1, m, p, d: 18_000, i: p === 0, w, x: false, b: new Uint8Array(1) });
    }
    window.apply({ t: 'segment', e: 1, m, parts: 5, d: 90_000, w, x: false, k: null });
  }
  return window;
}

describe('a live playlist', () => {
  test('says how it is to be asked for', () => {
    const text = live(secondsOf(3));
    expect(text).toContain('#EXT-X-VERSION:9\n#EXT-X-TARGETDURATION:1\n');
    expect(text).toContain('#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=0.64002,CAN-SKIP-UNTIL=6.0\n');
    expect(text).toContain('#EXT-X-PART-INF:PART-TARGET=0.21334\n');
    expect(text).toContain('#EXT-X-PRELOAD-HINT:TYPE=PART,URI="3.0.m4s"\n');
  });

  test('hints at a part that will come: the next of an open segment, and of a full one that of the next segment', () => {
    const window = secondsOf(3);
    const add = (p: number) =>
      window.apply({ t: 'part', e: 1, m: 3, p, d: 18_000, i: p === 0, w: START_MS, x: false, b: new Uint8Array(1) });
    for (const p of [0, 1, 2, 3]) add(p);
    expect(live(window)).toContain('#EXT-X-PRELOAD-HINT:TYPE=PART,URI="3.4.m4s"\n');
    add(4);
    expect(live(window)).toContain('#EXT-X-PRELOAD-HINT:TYPE=PART,URI="4.0.m4s"\n');
  });

  test('lists the show from its first minute, up to the DVR window', () => {
    expect(readPlaylist(live(secondsOf(25))).segments[0]?.msn).toBe(0);
    const long = readPlaylist(live(secondsOf(50)));
    expect([long.msn, long.segments.length]).toEqual([20, 30]);
  });

  test('shows parts in its last three target durations only', () => {
    const { segments } = readPlaylist(live(secondsOf(10)));
    expect(segments.filter(({ parts }) => parts.length > 0).map(({ msn }) => msn)).toEqual([7, 8, 9]);
  });

  test('tells where the other renditions stand', () => {
    const text = renderLivePlaylist(secondsOf(2), settings, {
      delta: false,
      reports: [{ id: 'audio', msn: 1, part: 4 }],
    });
    expect(text).toContain('#EXT-X-RENDITION-REPORT:URI="../audio/media.m3u8",LAST-MSN=1,LAST-PART=4\n');
  });

  test('a delta of a short show is the full playlist', () => {
    expect(live(secondsOf(5), true)).toBe(live(secondsOf(5)));
  });

  test('a segment longer than the nominal one raises the target', () => {
    const window = secondsOf(2);
    window.apply({ t: 'segment', e: 1, m: 2, parts: 0, d: 150_000, w: START_MS + 2000, x: false, k: null });
    expect(readPlaylist(live(window)).targetS).toBe(2);
  });
});

describe('an ended playlist', () => {
  test('is whole, VOD and closed, whatever the DVR window was', () => {
    const window = secondsOf(50);
    const read = expectLawful(renderEndedPlaylist(window.segments, 1000));
    expect([read.vod, read.ended, read.segments.length]).toEqual([true, true, 50]);
  });

  test('keeps gaps and discontinuities', () => {
    const window = secondsOf(3);
    window.apply({ t: 'gap', e: 1, m: 3, d: 90_000, w: START_MS + 3000, x: false });
    window.apply({ t: 'segment', e: 2, m: 4, parts: 0, d: 90_000, w: START_MS + 9000, x: true, k: 'k' });
    const { segments } = expectLawful(renderEndedPlaylist(window.segments, 1000));
    expect(segments.map(({ gap }) => gap)).toEqual([false, false, false, true, false]);
    expect(segments[4]).toMatchObject({ discontinuity: true, map: 'init-2.mp4', dateMs: START_MS + 9000 });
  });
});
