import { expect, test } from 'vitest';
import { askForSize, LayerWishes, SHRINK_AFTER_MS, UNDRAWN } from './layer-wish.ts';

const FULL = { width: 1280, height: 720 };
const SMALL = { width: 640, height: 360 };

function open() {
  const asked: string[] = [];
  const wishes = new LayerWishes<string>((publication, { width, height }) => {
    asked.push(`${publication} ${width}x${height}`);
    return true;
  });
  return { asked, wishes };
}

test('a larger box is asked for at once, a smaller one when it has stayed so for 3 s', () => {
  const { asked, wishes } = open();
  wishes.wish('TR_1', 'p', SMALL, 0);
  wishes.wish('TR_1', 'p', FULL, 1);
  expect(asked).toEqual(['p 640x360', 'p 1280x720']);
  wishes.wish('TR_1', 'p', SMALL, 1000);
  wishes.wish('TR_1', 'p', SMALL, 1000 + SHRINK_AFTER_MS - 1);
  expect(asked).toHaveLength(2);
  wishes.wish('TR_1', 'p', SMALL, 1000 + SHRINK_AFTER_MS);
  expect(asked.slice(2)).toEqual(['p 640x360']);
});

test('a box that was small for a moment only keeps its layer, and the same wish is asked once', () => {
  const { asked, wishes } = open();
  wishes.wish('TR_1', 'p', FULL, 0);
  wishes.wish('TR_1', 'p', SMALL, 1000);
  wishes.wish('TR_1', 'p', FULL, 2000);
  wishes.wish('TR_1', 'p', SMALL, 3000);
  wishes.wish('TR_1', 'p', SMALL, 3000 + SHRINK_AFTER_MS - 1);
  expect(asked).toEqual(['p 1280x720']);
});

test('a track that is not drawn gets the smallest layer, the full one as soon as it is drawn', () => {
  const { asked, wishes } = open();
  wishes.wish('TR_1', 'p', null, 0);
  wishes.wish('TR_1', 'p', FULL, 1);
  expect(asked).toEqual([`p ${UNDRAWN.width}x${UNDRAWN.height}`, 'p 1280x720']);
});

test('a publication that came anew or was forgotten is asked again', () => {
  const { asked, wishes } = open();
  wishes.wish('TR_1', 'p', FULL, 0);
  wishes.wish('TR_1', 'q', FULL, 1);
  wishes.keep(new Set());
  wishes.wish('TR_1', 'q', FULL, 2);
  expect(asked).toEqual(['p 1280x720', 'q 1280x720', 'q 1280x720']);
});

test('a publication without a native handle is no error: the largest layer stays', () => {
  expect(askForSize({} as Parameters<typeof askForSize>[0], FULL)).toBe(false);
});
