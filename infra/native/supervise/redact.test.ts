import { expect, test } from 'vitest';
import { redactor } from './redact.ts';

const redact = redactor(['a-secret-of-this-install']);

test('what a process prints goes on without secrets, whoever printed them', () => {
  expect(redact('key a-secret-of-this-install!')).toBe('key ***!');
  expect(redact('GET /rtc?access_token=abc&x=1')).toBe('GET /rtc?access_token=***&x=1');
  expect(redact('authorization: Bearer abcdefghijklmnop')).toBe('authorization: Bearer ***');
});

test('a destination keeps its host and loses its key, as LiveKit logs calls of its egress API', () => {
  expect(redact('"addUrls":["rtmp://127.0.0.1:9/live/key-1","rtmps://x.example/app/key-2?a=b"],"removeUrls":[]')).toBe(
    '"addUrls":["rtmp://127.0.0.1:9/***","rtmps://x.example/***"],"removeUrls":[]',
  );
  expect(redact("to srt://x.example:9?streamid=key-3&latency=20, 'srt://[::1]:9?streamid=key-4'")).toBe(
    "to srt://x.example:9?***, 'srt://[::1]:9?***'",
  );
  expect(redact('listening on rtmp://0.0.0.0:1935')).toBe('listening on rtmp://0.0.0.0:1935');
});
