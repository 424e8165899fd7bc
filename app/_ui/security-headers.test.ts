import { expect, test } from 'vitest';
import { contentSecurityPolicy, fixedHeaders, framedRoom } from './security-headers.ts';

const origins = { site: 'https://tv.example', playback: 'https://play.example', livekit: 'wss://lk.example' };

function directives(path: string, development = false): Map<string, string[]> {
  const text = contentSecurityPolicy(path, 'abc', origins, development);
  return new Map(text.split('; ').map((part) => [part.split(' ')[0] ?? '', part.split(' ').slice(1)]));
}

test('scripts run by nonce alone, without unsafe sources', () => {
  expect(directives('/studio').get('script-src')).toEqual(["'self'", "'nonce-abc'", "'strict-dynamic'"]);
  expect(directives('/studio').get('style-src')).toEqual(["'self'", "'nonce-abc'"]);
});

test('pages may reach playback, the socket and LiveKit, and nothing else', () => {
  expect(directives('/x').get('connect-src')).toEqual([
    "'self'",
    'wss://tv.example',
    'https://play.example',
    'wss://lk.example',
    'https://lk.example',
  ]);
  expect(directives('/x').get('media-src')).toContain('https://play.example');
  expect(directives('/x').get('worker-src')).toEqual(["'self'", 'blob:']);
});

test('only the embed page may stand in foreign frames, and it gets no camera', () => {
  expect(directives('/embed/demo').get('frame-ancestors')).toEqual(['*']);
  expect(fixedHeaders('/embed/demo')['permissions-policy']).toContain('camera=()');
  expect(fixedHeaders('/embed/demo')).not.toHaveProperty('x-frame-options');
  for (const path of ['/', '/embedding', '/studio/embed/x']) {
    expect(directives(path).get('frame-ancestors')).toEqual(["'self'"]);
    expect(fixedHeaders(path)['permissions-policy']).toContain('camera=(self)');
  }
});

test('without known origins the policy is still whole', () => {
  const text = contentSecurityPolicy('/', 'n', {}, false);
  expect(text).toContain("connect-src 'self';");
  expect(text).not.toContain('undefined');
});

test('a frame with a chat or a gate is as open as its channel says', () => {
  expect([framedRoom('/embed/Demo/room'), framedRoom('/embed/demo'), framedRoom('/embed/demo/room/x')]).toEqual([
    'demo',
    null,
    null,
  ]);
  const policy = contentSecurityPolicy('/embed/demo/room', 'n', origins, false, "frame-ancestors 'self' example.org");
  expect(policy.match(/frame-ancestors [^;]*/g)).toEqual(["frame-ancestors 'self' example.org"]);
  expect(fixedHeaders('/embed/demo/room')).not.toHaveProperty('x-frame-options');
});
