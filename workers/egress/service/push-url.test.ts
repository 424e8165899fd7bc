import { expect, test } from 'vitest';
import { hostOf, pushIdOf, redactPushUrl, toPushPlans } from './push-url.ts';

const SECRET = '0123456789abcdef0123456789abcdef';

test("addresses are masked in LiveKit's form, and what they carry beside the key too", () => {
  expect(redactPushUrl('rtmp://live.example/app/abcdefghijkl')).toBe('rtmp://live.example/app/{abc...jkl}');
  expect(redactPushUrl('rtmps://u:p@live.example:443/app/instance/abcdef')).toBe(
    'rtmps://live.example:443/app/instance/{ab...ef}',
  );
  expect(redactPushUrl('rtmp://h/app/xy')).toBe('rtmp://h/app/{...}');
  expect(redactPushUrl('rtmp://h/app/key live=1')).toBe('rtmp://h/app/{k...y}');
  expect(redactPushUrl('srt://h:1?streamid=hunter2')).toBe('srt://h:1?{...}');
  expect(redactPushUrl('srt://u:hunter2@h:1')).toBe('srt://{...}');
  expect(hostOf('srt://h:1?streamid=hunter2')).toBe('h:1');
  expect(redactPushUrl('hunter2')).toBe('{...}');
  expect(hostOf('rtmp://u:p@h:1935/app/key')).toBe('h:1935');
});

test('two keys that mask to the same text are two pushes, the same url twice is one', () => {
  const [a, b] = ['rtmp://h/app/abc1xyz99', 'rtmp://h/app/abc2xyz99'];
  expect(redactPushUrl(a)).toBe('rtmp://h/app/{abc...z99}');
  expect(redactPushUrl(b)).toBe(redactPushUrl(a));
  expect(pushIdOf(SECRET, a)).not.toBe(pushIdOf(SECRET, b));
  expect(toPushPlans(SECRET, [a, b, a])).toHaveLength(2);
});

test('an id holds nothing of the url and needs the secret', () => {
  expect(pushIdOf(SECRET, 'rtmp://h/app/key')).toMatch(/^[0-9a-f]{16}$/);
  expect(pushIdOf('other', 'rtmp://h/app/key')).not.toBe(pushIdOf(SECRET, 'rtmp://h/app/key'));
});

test('SRT addresses are taken, wrong ones refused with a sentence that repeats nothing of them', () => {
  expect(toPushPlans(SECRET, ['srt://h:9000?streamid=key&passphrase=0123456789'])).toHaveLength(1);
  for (const url of ['srt://h', 'srt://h:1?passphrase=hunter2', 'srt://h:1?mode=listener&streamid=hunter2']) {
    expect(() => toPushPlans(SECRET, [url])).toThrow(expect.objectContaining({ code: 'invalid_argument' }));
    expect(() => toPushPlans(SECRET, [url])).not.toThrow(/hunter2/);
  }
});

test('the twenty-first is refused and the field is named', () => {
  const urls = Array.from({ length: 21 }, (_, index) => `rtmp://h/app/key${index}`);
  expect(toPushPlans(SECRET, urls.slice(1))).toHaveLength(20);
  expect(() => toPushPlans(SECRET, urls)).toThrow(/stream urls: .* at most 20/);
  expect(toPushPlans(SECRET, [...urls.slice(1), ...urls.slice(1)])).toHaveLength(20);
});

test("LiveKit's short forms become the platforms' own addresses", () => {
  const [mux, twitch] = toPushPlans(SECRET, ['mux://secretkey1', 'twitch://secretkey2']);
  expect(mux?.url).toBe('rtmps://global-live.mux.com:443/app/secretkey1');
  expect(twitch?.url).toBe('rtmps://ingest.global-contribute.live-video.net:443/app/secretkey2');
  expect(redactPushUrl('mux://secretkey1')).toBe('mux://{...}');
});
