import { describe, expect, test } from 'vitest';
import { FeedWindow } from '#core/playback/feed-window';
import { renderEndedPlaylist, renderLivePlaylist } from '#core/playback/playlist';
import { ladderFaults } from './ladder.ts';
import { readPlaylist } from './playlist.ts';
import { changeFaults, deltaFaults, playlistFaults } from './rules.ts';

const START_MS = Date.UTC(2026, 0, 1);
const settings = { segmentMs: 1000, partMs: 200, dvrS: 60 };

/** A show of whole seconds, five parts each, with the first `open` parts of the next one. */
function show(count: number, open = 0): FeedWindow {
  const window = new FeedWindow({ keepPartsMs: 30_000, segmentMs: 1000 });
  for (let m = 0; m <= count; m++) {
    const w = START_MS + m * 1000;
    for (let p = 0; p < (m < count ? 5 : open); p++) {
      window.apply({ t: 'part', e: 1, m, p, d: 18_000, i: p === 0, w, x: false, b: new Uint8Array(1) });
    }
    if (m < count) window.apply({ t: 'segment', e: 1, m, parts: 5, d: 90_000, w, x: false, k: null });
  }
  return window;
}
const text = (window: FeedWindow, delta = false) =>
  renderLivePlaylist(window, settings, { delta, reports: [{ id: 'audio', msn: 3, part: 1 }] });
const GOOD = text(show(12, 2));
const faults = (changed: string) => playlistFaults(readPlaylist(changed)).join('\n');

test('playlists as we render them have no fault', () => {
  expect(faults(GOOD)).toBe('');
  expect(faults(text(show(20, 1), true))).toBe('');
  expect(faults(renderEndedPlaylist(show(12).segments, 1000))).toBe('');
});

/** One violation each, planted into a good playlist. */
const PLANTED: [name: string, plant: (good: string) => string, found: string][] = [
  ['a missing head', (good) => good.replace('#EXTM3U\n', ''), '4.4.1.1'],
  ['a target below a segment', (good) => good.replace('#EXTINF:1.00000', '#EXTINF:1.60000'), '4.4.3.1'],
  ['a part above the part target', (good) => good.replace('PART:DURATION=0.20000', 'PART:DURATION=0.25000'), 'longer'],
  [
    'a part far below the part target',
    (good) => good.replace('DURATION=0.20000,URI="11.2.m4s"', 'DURATION=0.10000,URI="11.2.m4s"'),
    '85 %',
  ],
  [
    'parts that do not make up their segment',
    (good) => good.replace(/#EXT-X-PART:[^\n]*"11\.4\.m4s"\n/, ''),
    'do not make up',
  ],
  ['a short hold-back', (good) => good.replace(/PART-HOLD-BACK=[\d.]+/, 'PART-HOLD-BACK=0.3'), 'under two parts'],
  ['a short skip boundary', (good) => good.replace('CAN-SKIP-UNTIL=6.0', 'CAN-SKIP-UNTIL=3.0'), 'under six targets'],
  ['an old version', (good) => good.replace('VERSION:9', 'VERSION:6'), 'version 9'],
  ['no map', (good) => good.replace(/#EXT-X-MAP:[^\n]*\n/, ''), 'without a map'],
  [
    'a new map without discontinuity',
    (good) => good.replace('#EXTINF:1.00000,\n5.m4s', '#EXT-X-MAP:URI="init-2.mp4"\n#EXTINF:1.00000,\n5.m4s'),
    '4.4.4.3',
  ],
  ['a first segment without date', (good) => good.replace(/#EXT-X-PROGRAM-DATE-TIME:[^\n]*\n/, ''), 'no date'],
  ['a date that leaps', (good) => good.replace('00:00:10.000Z', '00:00:10.100Z'), 'leaps by 100 ms'],
  ['parts after the end', (good) => `${good}#EXT-X-ENDLIST\n`, 'after the end'],
  ['a hint of what is there', (good) => good.replace('URI="12.2.m4s"', 'URI="12.1.m4s"'), 'there already'],
  ['no hint', (good) => good.replace(/#EXT-X-PRELOAD-HINT[^\n]*\n/, ''), 'no preload hint'],
  ['a name twice', (good) => good.replace('\n8.m4s', '\n7.m4s'), 'twice'],
  [
    'old parts',
    (good) =>
      good.replace('#EXTINF:1.00000,\n2.m4s', '#EXT-X-PART:DURATION=1.00000,URI="2.0.m4s"\n#EXTINF:1.00000,\n2.m4s'),
    'further than three targets',
  ],
  [
    'a gap with parts',
    (good) => good.replace('#EXTINF:1.00000,\n11.m4s', '#EXT-X-GAP\n#EXTINF:1.00000,\n11.m4s'),
    '4.4.4.7',
  ],
  ['parts of no stated length', (good) => good.replace(/#EXT-X-PART-INF[^\n]*\n/, ''), '4.4.3.7'],
];
test.each(PLANTED)('finds %s', (_name, plant, found) => {
  const changed = plant(GOOD);
  expect(changed).not.toBe(GOOD);
  expect(faults(changed)).toContain(found);
});

test('finds a hold-back under three targets', () => {
  const standard = renderLivePlaylist(show(12), { ...settings, partMs: null }, { delta: false, reports: [] });
  expect(faults(standard)).toBe('');
  expect(faults(standard.replace('HOLD-BACK=3.0', 'HOLD-BACK=2.0'))).toContain('under three targets');
});

describe('between two versions', () => {
  const before = readPlaylist(GOOD);
  const change = (plant: (text: string) => string, window = show(13, 1)) =>
    changeFaults(before, readPlaylist(plant(text(window)))).join('\n');

  test('a good change has no fault', () => {
    expect(change((same) => same)).toBe('');
  });
  test.each<[string, (text: string) => string, string]>([
    ['another target', (one) => one.replace('TARGETDURATION:1', 'TARGETDURATION:2'), 'the target was'],
    ['another part target', (one) => one.replace('PART-TARGET=0.20000', 'PART-TARGET=0.30000'), 'the part target was'],
    ['another length', (one) => one.replace('#EXTINF:1.00000,\n5.m4s', '#EXTINF:0.90000,\n5.m4s'), '5: durationS'],
    ['another map', (one) => one.replace('init-1', 'init-9'), 'map was'],
    [
      'a late discontinuity',
      (one) => one.replace('#EXTINF:1.00000,\n5', '#EXT-X-DISCONTINUITY\n#EXTINF:1.00000,\n5'),
      '5: discontinuity',
    ],
    [
      'a changed discontinuity sequence',
      (one) => one.replace('DISCONTINUITY-SEQUENCE:0', 'DISCONTINUITY-SEQUENCE:1'),
      'discontinuitySequence',
    ],
    ['numbers out of step', (one) => one.replace('MEDIA-SEQUENCE:0', 'MEDIA-SEQUENCE:1'), 'uri was'],
    ['numbers left out', (one) => one.replace('MEDIA-SEQUENCE:0', 'MEDIA-SEQUENCE:90'), 'left out'],
    ['a broken promise', (one) => one.replace('URI="12.2.m4s"', 'URI="12.2b.m4s"'), 'was promised'],
  ])('finds %s', (_name, plant, found) => {
    expect(change(plant)).toContain(found);
  });
  test('finds a sequence that goes back, a lost end and a lost segment', () => {
    const later = readPlaylist(text(show(70, 1)));
    expect(changeFaults(later, before).join()).toContain('went back');
    expect(changeFaults(before, readPlaylist(text(show(11, 1)))).join()).toContain('is gone');
    const ended = readPlaylist(`${text(show(12))}#EXT-X-ENDLIST\n`);
    expect(changeFaults(ended, readPlaylist(text(show(12)))).join()).toContain('end mark');
  });
});

describe('a delta update', () => {
  const previous = readPlaylist(text(show(20, 2)));
  const full = readPlaylist(text(show(21, 1)));
  const delta = text(show(21, 1), true);
  const found = (changed: string) => deltaFaults(previous, readPlaylist(changed), full).join('\n');

  test('of ours leads to the full list', () => {
    expect(readPlaylist(delta).skipped).toBeGreaterThan(5);
    expect(found(delta)).toBe('');
  });
  test.each<[string, (text: string) => string, string]>([
    ['another beginning', (one) => one.replace('MEDIA-SEQUENCE:0', 'MEDIA-SEQUENCE:1'), 'another number'],
    [
      'too much skipped',
      (one) => one.replace(/SKIPPED-SEGMENTS=\d+/, 'SKIPPED-SEGMENTS=3'),
      'do not make the full list',
    ],
    ['a changed part', (one) => one.replace('"20.1.m4s"', '"20.1x.m4s"'), 'differently'],
    ['a missing report', (one) => one.replace(/#EXT-X-RENDITION-REPORT[^\n]*\n/, ''), 'ends differently'],
    ['another map', (one) => one.replace('#EXT-X-SKIP', '#EXT-X-MAP:URI="init-9.mp4"\n#EXT-X-SKIP'), 'another map'],
  ])('finds %s', (_name, plant, fault) => {
    const changed = plant(delta);
    expect(changed).not.toBe(delta);
    expect(found(changed)).toContain(fault);
  });
});

describe('a ladder', () => {
  const list = (id: string, change: (text: string) => string = (same) => same) => ({
    id,
    fps: 30,
    read: readPlaylist(change(GOOD)),
  });
  test('cut at the same instants has no fault', () => {
    expect(ladderFaults([list('720p'), list('360p', (one) => one.replace('00:00:00.000Z', '00:00:00.020Z'))])).toEqual(
      [],
    );
  });
  test('finds borders more than a frame apart, other targets, other discontinuities and other numbers', () => {
    const found = (change: (text: string) => string) => ladderFaults([list('720p'), list('360p', change)]).join('\n');
    expect(found((one) => one.replace('00:00:00.000Z', '00:00:00.050Z'))).toContain('50.0 ms apart');
    expect(found((one) => one.replace('TARGETDURATION:1', 'TARGETDURATION:2'))).toContain('different targets');
    expect(
      found((one) =>
        one
          .replace('SEQUENCE:0\n#EXT-X-MAP', 'SEQUENCE:1\n#EXT-X-MAP')
          .replace('DISCONTINUITY-SEQUENCE:0', 'DISCONTINUITY-SEQUENCE:4'),
      ),
    ).toContain('different discontinuity');
    expect(found((one) => one.replace('MEDIA-SEQUENCE:0', 'MEDIA-SEQUENCE:500'))).toContain('no number in common');
  });
});
