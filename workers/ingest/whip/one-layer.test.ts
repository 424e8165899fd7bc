import { expect, test } from 'vitest';
import { takeLargestLayer } from './one-layer.ts';

const answer = (rids: string[]) =>
  [
    'v=0',
    'm=audio 9 UDP/TLS/RTP/SAVPF 111',
    'a=mid:0',
    'm=video 9 UDP/TLS/RTP/SAVPF 96',
    ...rids.map((rid) => `a=rid:${rid} recv`),
    `a=simulcast:recv ${rids.join(';')}`,
    'a=mid:1',
    '',
  ].join('\r\n');

test.each([
  [['q', 'h', 'f'], 'f'],
  [['h', 'q'], 'h'],
  [['0', '1', '2'], '0'],
  [['high', 'low'], 'high'],
])('of a picture offered as %s the answer takes %s', (rids, largest) => {
  expect(takeLargestLayer(answer(rids))).toBe(answer([largest]));
});

test('an answer without simulcast stays as it is', () => {
  const plain = 'v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:0\r\n';
  expect(takeLargestLayer(plain)).toBe(plain);
});
