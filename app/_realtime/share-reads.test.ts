import { expect, test } from 'vitest';
import { shareReads } from './share-reads.ts';

function countedRead() {
  const waiting: ((value: string) => void)[] = [];
  const read = shareReads(
    (key) => new Promise<string>((resolve) => waiting.push((value) => resolve(`${key}${value}`))),
  );
  return { read, waiting };
}

test('four hundred who ask during one read cost one more read', async () => {
  const { read, waiting } = countedRead();
  const first = read('a');
  const others = Array.from({ length: 400 }, () => read('a'));
  waiting[0]?.('1');
  expect(await first).toBe('a1');
  await Promise.resolve();
  expect(waiting).toHaveLength(2);
  waiting[1]?.('2');
  expect(new Set(await Promise.all(others))).toEqual(new Set(['a2']));
});

test('nobody gets an answer that was being read before they asked', async () => {
  const { read, waiting } = countedRead();
  const early = read('a');
  const late = read('a');
  waiting[0]?.('old');
  await early;
  await Promise.resolve();
  waiting[1]?.('new');
  expect(await late).toBe('anew');
});

test('a read that fails is not kept', async () => {
  let calls = 0;
  const read = shareReads(async () => {
    calls += 1;
    if (calls === 1) throw new Error('away');
    return calls;
  });
  await expect(read('a')).rejects.toThrow('away');
  expect(await read('a')).toBe(2);
});

test('keys do not wait for each other', async () => {
  const { read, waiting } = countedRead();
  const both = [read('a'), read('b')];
  waiting[1]?.('!');
  waiting[0]?.('?');
  expect(await Promise.all(both)).toEqual(['a?', 'b!']);
});
