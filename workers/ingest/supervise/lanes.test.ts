import { describe, expect, test, vi } from 'vitest';
import type { Publisher } from '../rtmp/publisher.ts';
import { BACK_AFTER_MS, chooseLane, FAIL_AFTER_MS } from './choose-lane.ts';
import { Lanes } from './lanes.ts';
import type { Kept } from './sequence-headers.ts';

const lane = (lastTagAtMs: number, steadySinceMs = 0) => ({ lastTagAtMs, steadySinceMs });

describe('which encoder is on air', () => {
  const now = { nowMs: 100_000, onAir: 'primary' as const, changedAtMs: 0 };
  const alive = lane(99_990);
  const silent = lane(100_000 - FAIL_AFTER_MS);

  test.each([
    ['the first one that comes', { ...now, onAir: null, primary: null, backup: alive }, 'backup'],
    ['the primary one, when both came', { ...now, onAir: null, primary: alive, backup: alive }, 'primary'],
    ['the primary one as long as it sends', { ...now, primary: alive, backup: alive }, 'primary'],
    ['the backup when the primary one is silent', { ...now, primary: silent, backup: alive }, 'backup'],
    ['the backup when the primary one is gone', { ...now, primary: null, backup: alive }, 'backup'],
    ['a silent primary one when the backup is silent too', { ...now, primary: silent, backup: silent }, 'primary'],
    ['nobody', { ...now, primary: null, backup: null }, null],
    [
      'the backup until the primary one was steady for long enough',
      { ...now, onAir: 'backup' as const, primary: lane(99_990, 100_001 - BACK_AFTER_MS), backup: alive },
      'backup',
    ],
    [
      'the primary one again when it was steady',
      { ...now, onAir: 'backup' as const, primary: lane(99_990, 100_000 - BACK_AFTER_MS), backup: alive },
      'primary',
    ],
    [
      'the primary one at once when the backup dies',
      { ...now, onAir: 'backup' as const, primary: lane(99_990, 99_900), backup: silent },
      'primary',
    ],
  ])('%s', (_name, state, wanted) => {
    expect(chooseLane(state)).toBe(wanted);
  });

  test('a steady primary one waits when the last change was a moment ago', () => {
    const state = { nowMs: 100_000, onAir: 'backup' as const, primary: lane(99_990), backup: lane(99_990) };
    expect(chooseLane({ ...state, changedAtMs: 100_001 - BACK_AFTER_MS })).toBe('backup');
    expect(chooseLane({ ...state, changedAtMs: 100_000 - BACK_AFTER_MS })).toBe('primary');
  });
});

const CONFIG = Buffer.from([0x17, 0, 0, 0, 0, 1]);
const KEY = Buffer.from([0x17, 1, 0, 0, 0, 2]);
const PICTURE = Buffer.from([0x27, 1, 0, 0, 0, 3]);

function start() {
  let nowMs = 0;
  const changes: { lane: string; media: Buffer[] }[] = [];
  const passed: Kept[] = [];
  const emptied: string[] = [];
  const lanes = new Lanes(
    {
      onChange: (name, _publisher, media) => changes.push({ lane: name, media: media.map((one) => one.body) }),
      onTag: (tag) => passed.push(tag),
      onEmpty: (reason) => emptied.push(reason),
    },
    () => nowMs,
  );
  const publisher = () =>
    ({
      address: '10.0.0.1',
      agent: '',
      end: vi.fn<(reason: string) => void>(),
      pause: () => undefined,
      resume: () => undefined,
    }) satisfies Publisher;
  return { lanes, changes, passed, emptied, publisher, at: (ms: number) => (nowMs = ms) };
}

test('a backup takes over with its last key frame at hand, and nothing of it was sent before', () => {
  const { lanes, changes, passed, publisher, at } = start();
  const primary = lanes.attach(publisher(), 'primary', '');
  const backup = lanes.attach(publisher(), 'backup', '');
  for (const body of [CONFIG, KEY, PICTURE, KEY, PICTURE]) backup.onTag(9, 0, body);
  primary.onTag(9, 0, CONFIG);
  expect(passed).toHaveLength(1);
  at(FAIL_AFTER_MS + 100);
  backup.onTag(9, 40, PICTURE);
  lanes.look();
  expect(changes.map((one) => one.lane)).toEqual(['primary', 'backup']);
  expect(changes[1]?.media).toEqual([CONFIG, KEY, PICTURE, PICTURE]);
  backup.onTag(9, 80, PICTURE);
  expect(passed).toHaveLength(2);
});

test('the primary one gets the air back at a key frame, after it was steady, once', () => {
  const { lanes, changes, publisher, at } = start();
  const primary = lanes.attach(publisher(), 'primary', '');
  const backup = lanes.attach(publisher(), 'backup', '');
  for (let ms = 0; ms <= 30_000; ms += 100) {
    at(ms);
    backup.onTag(9, ms, ms % 2_000 === 0 ? KEY : PICTURE);
    if (ms < 1_000 || ms > 5_000) primary.onTag(9, ms, ms % 2_000 === 0 ? KEY : PICTURE);
    if (ms % 300 === 0) lanes.look();
  }
  expect(changes.map((one) => one.lane)).toEqual(['primary', 'backup', 'primary']);
  expect(changes[2]?.media[0]).toEqual(KEY);
});

test('a primary one that hangs up gives way at once; the last one leaves the ingest empty', () => {
  const { lanes, changes, emptied, publisher } = start();
  const primary = lanes.attach(publisher(), 'primary', '');
  const backup = lanes.attach(publisher(), 'backup', '');
  primary.onGone('reset');
  expect(changes.map((one) => one.lane)).toEqual(['primary', 'backup']);
  expect(emptied).toEqual([]);
  backup.onGone('stopped');
  expect(emptied).toEqual(['stopped']);
  expect(lanes.onAir).toBeNull();
});

test('an encoder that comes back replaces its own dead connection, whose late goodbye changes nothing', () => {
  const { lanes, changes, emptied, publisher } = start();
  const [old, young] = [publisher(), publisher()];
  const first = lanes.attach(old, 'primary', 'another encoder took over');
  lanes.attach(young, 'primary', 'another encoder took over');
  expect(old.end).toHaveBeenCalledWith('another encoder took over');
  first.onGone('reset');
  first.onTag(9, 0, KEY);
  expect([changes.length, emptied.length]).toEqual([2, 0]);
});
