import { expect, test } from 'vitest';
import { joinSrtUrl, parseSrtUrl, SrtUrlError, splitSrtUrl, writeSrtSecrets } from './srt-url.ts';

test('an SRT address is read as the common programs write it', () => {
  expect(
    parseSrtUrl('srt://live.example:9000?streamid=#!::r=a/b,m=publish&passphrase=long%20enough%201&latency=200'),
  ).toEqual({
    host: 'live.example',
    port: 9000,
    streamId: '#!::r=a/b,m=publish',
    passphrase: 'long enough 1',
    latencyMs: 200,
    keyLength: 16,
  });
  expect(parseSrtUrl('srt://[2001:db8::1]:9000/?mode=caller&pbkeylen=32&transtype=live')).toMatchObject({
    host: '2001:db8::1',
    keyLength: 32,
    streamId: '',
    latencyMs: 300,
  });
});

test('a latency in microseconds, as FFmpeg and OBS have it, is not taken for two minutes', () => {
  expect(parseSrtUrl('srt://h:1?latency=120000').latencyMs).toBe(120);
  expect(parseSrtUrl('srt://h:1?latency=4000').latencyMs).toBe(4000);
});

test.each([
  'srt://host',
  'srt://host:0',
  'srt://host:70000',
  'srt://user@host:1',
  'srt://ho st:1',
  'srt://host:1/path',
  'srt://host:1?mode=listener',
  'srt://host:1?passphrase=tooshort1',
  'srt://host:1?passphrase=long%26enough+1',
  'srt://host:1?latency=soon',
  'srt://host:1?pbkeylen=17',
  'srt://host:1?localip=10.0.0.1',
  `srt://host:1?streamid=${'x'.repeat(513)}`,
])('%s is refused with a sentence that repeats nothing of it', (url) => {
  expect(() => parseSrtUrl(url)).toThrow(SrtUrlError);
  try {
    parseSrtUrl(url);
  } catch (error) {
    expect(String(error)).not.toContain('tooshort1');
  }
});

test('the secrets come out of an address and go back in', () => {
  const full = 'srt://h:1?latency=200&streamid=a/b&passphrase=0123456789';
  const { url, secrets } = splitSrtUrl(full);
  expect(url).toBe('srt://h:1?latency=200');
  expect(parseSrtUrl(joinSrtUrl(url, secrets))).toEqual(parseSrtUrl(full));
  const written = writeSrtSecrets({ streamId: '#!::u=a&b', passphrase: '' });
  expect(parseSrtUrl(joinSrtUrl('srt://h:1', written)).streamId).toBe('#!::u=a&b');
});
