import { describe, expect, test } from 'vitest';
import { textOn } from '../palette.ts';
import { timeLeft } from './countdown.ts';
import { drawLowerThird, drawMessage, drawTickerRound } from './overlays.ts';
import { drawLabel, drawNameCard } from './people.ts';
import { fitLine, oneLine, paper, wrap } from './text.ts';

const HOSTILE = [
  "x':textfile=/etc/passwd",
  '[a];movie=',
  '%{pts}',
  'a\u202Egnp.exe',
  '\0\u0007',
  '👩‍👩‍👧‍👦 family',
  'مرحبا بالعالم',
  '漢'.repeat(400),
  '',
];

describe('text', () => {
  test('fits its room: smaller first, then cut', () => {
    const { pen } = paper(2, 2);
    const wide = fitLine(pen, 'A name', { size: 40, weight: 600, room: 1000 });
    expect([wide.text, wide.size]).toEqual(['A name', 40]);
    const tight = fitLine(pen, 'A name that is far too long for this', { size: 40, weight: 600, room: 200 });
    expect(tight.width).toBeLessThanOrEqual(200);
    expect(tight.text.endsWith('…')).toBe(true);
  });

  test('is wrapped at words, in as many lines as are allowed', () => {
    const { pen } = paper(2, 2);
    pen.font = '20px sans-serif';
    const lines = wrap(pen, 'one two three four five six seven eight nine ten '.repeat(5), 120, 3);
    expect(lines).toHaveLength(3);
    expect(lines[2]?.endsWith('…')).toBe(true);
    expect(wrap(pen, 'unbreakable'.repeat(20), 120, 50).every((line) => pen.measureText(line).width <= 120)).toBe(true);
  });

  test('is freed of control characters and of overrides of its direction', () => {
    expect(oneLine('a\u202Eb\nc\0d', 20)).toBe('a b c d');
    expect(oneLine('x'.repeat(30), 10)).toBe(`${'x'.repeat(9)}…`);
  });

  test.each(HOSTILE)('whatever people are called, their graphics have pixels and a size (%#)', (text) => {
    const room = { width: 600, height: 100, unit: 720 };
    for (const pen of [
      drawLabel({ name: text, muted: true, height: 36, room: 300 }),
      drawNameCard({ name: text, muted: false, width: 320, height: 180 }),
      drawLowerThird({ title: text, subtitle: text }, room),
      drawMessage({ author: text, text }, { ...room, height: 160 }),
      drawTickerRound({ text: text.repeat(5) }, { ...room, height: 48 }),
    ]) {
      const { width, height } = pen.canvas;
      expect([width % 2, height % 2]).toEqual([0, 0]);
      expect(pen.canvas.data().length).toBe(width * height * 4);
    }
    expect(drawLowerThird({ title: text, subtitle: text }, room).canvas.width).toBeLessThanOrEqual(600);
  });

  test('reads on any colour', () => {
    expect([textOn('#ffffff'), textOn('#37aae3'), textOn('#1c6589')]).toEqual(['#0d1013', '#0d1013', '#ffffff']);
  });
});

test('time left is rounded up and ends at zero', () => {
  expect([1, 1000, 61_000, 3_723_000, 183_845_000].map((ms) => timeLeft(ms, 0))).toEqual([
    '0:01',
    '0:01',
    '1:01',
    '1:02:03',
    '2 d 03:04:05',
  ]);
  expect([0, -5, Number.NaN].map((ms) => timeLeft(ms, 0))).toEqual([null, null, null]);
});
