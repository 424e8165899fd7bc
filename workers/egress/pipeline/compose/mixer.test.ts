import { describe, expect, test } from 'vitest';
import { Mixer } from './mixer.ts';
import { BLOCK, SoundLine } from './sound-line.ts';

/** 10 ms of a tone as it arrives: 480 samples, both channels. */
function tone(from: number, level: number, hz = 1000): Int16Array {
  const samples = new Int16Array(960);
  for (let index = 0; index < 480; index++) {
    const value = Math.round(Math.sin(((from + index) / 48_000) * 2 * Math.PI * hz) * level * 32_767);
    samples[index * 2] = value;
    samples[index * 2 + 1] = value;
  }
  return samples;
}

/** Feeds lines at `speed` × real time while blocks are taken in real time. */
function play(lines: { line: SoundLine; level: number; speed?: number }[], blocks: number) {
  const mixer = new Mixer();
  const sent = lines.map(() => 0);
  const out: Float32Array[] = [];
  for (let block = 1; block <= blocks; block++) {
    for (const [index, { line, level, speed = 1 }] of lines.entries()) {
      for (let at = sent[index] ?? 0; at + 480 <= block * BLOCK * speed; at = sent[index] ?? 0) {
        line.write(tone(at, level));
        sent[index] = at + 480;
      }
    }
    out.push(mixer.mix(lines.map(({ line }) => ({ line, gain: 1 }))));
  }
  return out;
}

const peak = (blocks: Float32Array[]) =>
  blocks.reduce((max, block) => block.reduce((a, b) => Math.max(a, Math.abs(b)), max), 0);
const rms = (blocks: Float32Array[]) =>
  Math.sqrt(blocks.reduce((sum, block) => sum + block.reduce((a, b) => a + b * b, 0), 0) / (blocks.length * BLOCK * 2));

describe('Mixer', () => {
  test('nobody gives silence', () => {
    expect(peak([new Mixer().mix([])])).toBe(0);
  });

  test('a tone goes through at its level', () => {
    const out = play([{ line: new SoundLine(), level: 0.5 }], 60).slice(20);
    expect(rms(out)).toBeCloseTo(0.5 / Math.SQRT2, 2);
  });

  test('who is kept on one channel is heard there with both of their own, and not on the other', () => {
    const lines = [
      { line: new SoundLine('left'), level: 0.5 },
      { line: new SoundLine('right'), level: 0.2 },
    ];
    const out = play(lines, 60).slice(20);
    const side = (at: number) => peak(out.map((block) => block.subarray(at * BLOCK, (at + 1) * BLOCK)));
    expect([side(0), side(1)].map((level) => Math.round(level * 100))).toEqual([50, 20]);
  });

  test('two loud people are limited, not clipped, and nothing reaches full scale', () => {
    const out = play(
      [
        { line: new SoundLine(), level: 0.9 },
        { line: new SoundLine(), level: 0.9 },
      ],
      80,
    );
    expect(peak(out)).toBeLessThan(1);
    // After the attack the peak is just the ceiling: gain was turned down, tops were not cut off.
    const later = out.slice(40);
    expect(peak(later)).toBeGreaterThan(0.9);
    expect(rms(later)).toBeCloseTo(peak(later) / Math.SQRT2, 1);
  });

  test('a muted person is silent and still drained', () => {
    const line = new SoundLine();
    for (let index = 0; index < 20; index++) line.write(tone(index * 480, 0.5));
    expect(peak([new Mixer().mix([{ line, gain: 0 }])])).toBe(0);
    expect(line.level).toBeLessThan(2000);
  });

  test('a change of gain, a mute, a join and a leave are ramps: no step between two samples is larger than the tone makes', () => {
    const line = new SoundLine();
    const mixer = new Mixer();
    const out: number[] = [];
    let sent = 0;
    const gains = [
      ...Array(20).fill(1),
      ...Array(10).fill(0.25),
      ...Array(10).fill(0),
      ...Array(10).fill(2),
      null,
      null,
    ];
    for (const [block, gain] of gains.entries()) {
      for (; sent + 480 <= (block + 3) * BLOCK; sent += 480) line.write(tone(sent, 0.4, 200));
      out.push(...mixer.mix(gain === null ? [] : [{ line, gain }]).subarray(0, BLOCK));
    }
    const steps = out.slice(1).map((value, index) => Math.abs(value - (out[index] ?? 0)));
    const largest = 2 * 0.4 * 2 * Math.sin((Math.PI * 200) / 48_000);
    expect(Math.max(...steps)).toBeLessThan(largest * 1.1);
    const level = (from: number, to: number) => Math.max(...out.slice(from * BLOCK, to * BLOCK).map(Math.abs));
    expect(
      [level(10, 20), level(22, 30), level(32, 40), level(42, 50)].map((value) => Math.round(value * 100)),
    ).toEqual([40, 10, 0, 80]);
    expect(level(51, 52)).toBe(0);
  });

  test('any number of people: a hundred lines are summed', () => {
    const lines = Array.from({ length: 100 }, () => ({ line: new SoundLine(), level: 0.005 }));
    expect(rms(play(lines, 40).slice(20))).toBeCloseTo(0.5 / Math.SQRT2, 1);
  });

  test('a line that runs dry fades out instead of breaking off', () => {
    const line = new SoundLine();
    const mixer = new Mixer();
    for (let at = 0; at < 2400; at += 480) line.write(tone(at, 0.5, 200));
    const out = [1, 2, 3, 4].flatMap(() => [...mixer.mix([{ line, gain: 1 }]).subarray(0, BLOCK)]);
    const steps = out.slice(1).map((value, index) => Math.abs(value - (out[index] ?? 0)));
    expect(Math.max(...out)).toBeGreaterThan(0.3);
    expect(Math.max(...steps)).toBeLessThan(2 * 0.5 * Math.sin((Math.PI * 200) / 48_000) * 1.1);
  });

  test.each([0.998, 1, 1.002])(
    'a sender whose clock runs at %s is heard without gaps and without growing delay',
    (speed) => {
      const line = new SoundLine();
      play([{ line, level: 0.5, speed }], 3000); // a minute
      expect(line.underruns).toBeLessThanOrEqual(3);
      expect(line.level).toBeLessThan(BLOCK + 1500);
    },
  );

  test('after a pause of the process the surplus is cut at once', () => {
    const line = new SoundLine();
    for (let index = 0; index < 60; index++) line.write(tone(index * 480, 0.5));
    new Mixer().mix([{ line, gain: 1 }]);
    expect(line.level).toBeLessThan(BLOCK);
  });
});
