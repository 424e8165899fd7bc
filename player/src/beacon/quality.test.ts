import { describe, expect, test } from 'vitest';
import { deviceOf, QualityMeter, type Reading } from './quality.ts';

const AT: Reading = { device: 'desktop', engine: 'hls.js', behindS: 0.8, height: 720, droppedFrames: 0 };

describe('measuring playback', () => {
  test('the start is told once, and waiting for the first picture is no stall', () => {
    const meter = new QualityMeter();
    meter.wanted(1000);
    meter.stalled(1200);
    meter.playing(1620);
    const first = meter.take(11_620, AT);
    expect(first).toMatchObject({ startMs: 620, playedMs: 10_000, stalls: 0, stalledMs: 0, latencyMs: 800 });
    expect(meter.take(21_620, AT)).not.toHaveProperty('startMs');
  });

  test('stalls and their time are counted, over the border of two reports too', () => {
    const meter = new QualityMeter();
    meter.wanted(0);
    meter.playing(500);
    meter.stalled(1500);
    expect(meter.take(2000, AT)).toMatchObject({ playedMs: 1000, stalls: 1, stalledMs: 500 });
    meter.playing(2300);
    expect(meter.take(3300, AT)).toMatchObject({ playedMs: 1000, stalls: 0, stalledMs: 300 });
  });

  test('a pause is neither play nor stall, and a second start is not told as one', () => {
    const meter = new QualityMeter();
    meter.wanted(0);
    meter.playing(100);
    meter.idle(1100);
    meter.wanted(60_000);
    meter.playing(60_500);
    expect(meter.take(61_500, AT)).toMatchObject({ startMs: 100, playedMs: 2000, stalledMs: 0 });
    meter.idle(61_500);
    expect(meter.take(90_000, AT)).toBeNull();
  });

  test('changes of the picture are counted up and down, the first picture is none', () => {
    const meter = new QualityMeter();
    meter.wanted(0);
    meter.playing(1);
    for (const height of [360, 720, 720, 1080, 480, 0, 480]) meter.shows(height);
    expect(meter.take(1000, { ...AT, height: 480 })).toMatchObject({ rungsUp: 2, rungsDown: 1, height: 480 });
  });

  test('errors alone are worth a report, and of many the first eight', () => {
    const meter = new QualityMeter();
    for (let i = 0; i < 20; i++) meter.failed('network');
    expect(meter.take(5, { ...AT, behindS: null })).toMatchObject({ errors: Array(8).fill('network'), playedMs: 0 });
    expect(meter.take(6, AT)).toBeNull();
  });

  test('dropped frames are those since the last report', () => {
    const meter = new QualityMeter();
    meter.wanted(0);
    meter.playing(1);
    expect(meter.take(1000, { ...AT, droppedFrames: 7 })?.droppedFrames).toBe(7);
    expect(meter.take(2000, { ...AT, droppedFrames: 9 })?.droppedFrames).toBe(2);
  });
});

test.each([
  [{ touch: false, shortSidePx: 1080, userAgent: 'X11; Linux' }, 'desktop'],
  [{ touch: true, shortSidePx: 390, userAgent: 'iPhone' }, 'phone'],
  [{ touch: true, shortSidePx: 820, userAgent: 'iPad' }, 'tablet'],
  [{ touch: false, shortSidePx: 1080, userAgent: 'SMART-TV; Tizen 7' }, 'tv'],
] as const)('%o is a %s', (at, device) => {
  expect(deviceOf(at)).toBe(device);
});
