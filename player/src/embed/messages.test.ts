import { expect, test } from 'vitest';
import { readAsk, readReply } from './messages.ts';

test('what is not of this protocol and version is no message', () => {
  const others = [null, undefined, 'play', 7, [], {}, { openair: 2, id: 1, do: 'play' }, { id: 1, do: 'play' }];
  for (const data of others) {
    expect(readAsk(data)).toBeNull();
    expect(readReply(data)).toBeNull();
  }
  expect(readAsk({ openair: 1, id: '1', do: 'play' })).toBeNull();
  expect(readReply({ openair: 1, event: 'status' })).toBeNull();
});

test('arguments are a list or none', () => {
  expect(readAsk({ openair: 1, id: 1, do: 'seek', args: [4] })?.args).toEqual([4]);
  expect(readAsk({ openair: 1, id: 1, do: 'seek', args: { length: 1e9 } })?.args).toEqual([]);
});

test('an ask is no reply and a reply is no ask', () => {
  expect(readReply({ openair: 1, id: 1, do: 'play', args: [] })).toBeNull();
  expect(readAsk({ openair: 1, id: 1, ok: true, value: null })).toBeNull();
});
