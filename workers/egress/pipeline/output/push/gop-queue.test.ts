import fc from 'fast-check';
import { expect, test } from 'vitest';
import { GopQueue, type QueuedPacket } from './gop-queue.ts';

const packet = (kind: 'video' | 'audio', ms: number, key: boolean): QueuedPacket => ({
  kind,
  ms,
  key,
  payload: Buffer.alloc(100),
});

test('a connection begins with a key frame, and what came before is not counted as dropped', () => {
  const queue = new GopQueue({ maxMs: 5000, maxBytes: 1e6 }, false);
  queue.add(packet('audio', 0, true));
  queue.add(packet('video', 1, false));
  queue.add(packet('video', 2, true));
  expect(queue.shift()).toMatchObject({ kind: 'video', ms: 2, key: true });
  expect(queue.droppedFrames).toBe(0);
});

test('sound alone needs no key frame', () => {
  const queue = new GopQueue({ maxMs: 5000, maxBytes: 1e6 }, true);
  queue.add(packet('audio', 0, true));
  expect(queue.length).toBe(1);
});

test('with any pace of reading the queue stays bounded and what comes out can be decoded at every point', () => {
  const reads = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 50, maxLength: 400 });
  fc.assert(
    fc.property(reads, fc.integer({ min: 5, max: 60 }), (counts, group) => {
      const queue = new GopQueue({ maxMs: 1000, maxBytes: 1e6 }, false);
      let out = 0;
      let expected = -1;
      for (const [index, count] of counts.entries()) {
        queue.add(packet('video', index * 33, index % group === 0));
        for (let taken = 0; taken < count; taken++) {
          const next = queue.shift();
          if (!next) break;
          out++;
          const number = next.ms / 33;
          if (number !== expected) expect(next.key).toBe(true);
          expected = number + 1;
        }
        expect(queue.length).toBeLessThanOrEqual(32);
      }
      expect(out + queue.length + queue.droppedFrames).toBe(counts.length);
    }),
  );
});
