import { expect, test } from 'vitest';
import { isAllowedTarget } from '../../../target.ts';
import { parsePushUrl } from './push-address.ts';

test.each([
  ['127.0.0.1', false],
  ['10.1.2.3', false],
  ['100.64.0.1', false],
  ['169.254.169.254', false],
  ['172.31.0.1', false],
  ['192.168.1.1', false],
  ['0.0.0.0', false],
  ['255.255.255.255', false],
  ['8.8.8.8', true],
  ['::1', false],
  ['::ffff:8.8.8.8', true],
  ['::ffff:127.0.0.1', false],
  ['192.175.48.1', false],
  ['3fff::1', false],
  ['fd00::1', false],
  ['fe80::1', false],
  ['64:ff9b::808:808', true],
  ['64:ff9b::a00:1', false],
  ['2002:7f00:1::', false],
  ['2606:4700::1111', true],
  ['no address', false],
])('S-1: a push to %s is allowed: %s', (address, allowed) => {
  expect(isAllowedTarget(address, 1935, 'host.example', undefined)).toBe(allowed);
});

test('S-1: exceptions are addresses, networks or names, and never our own ports', () => {
  const rules = { allow: ['127.0.0.0/8', 'obs.local', 'studio_1'], denyPorts: [8809] };
  expect(isAllowedTarget('127.0.0.5', 1935, 'x', rules)).toBe(true);
  expect(isAllowedTarget('127.0.0.5', 8809, 'x', rules)).toBe(false);
  expect(isAllowedTarget('192.168.1.4', 1935, 'obs.local', rules)).toBe(true);
  expect(isAllowedTarget('192.168.1.4', 1935, 'OBS.local.', rules)).toBe(true);
  expect(isAllowedTarget('192.168.1.4', 1935, 'studio_1', rules)).toBe(true);
  expect(isAllowedTarget('192.168.1.4', 1935, 'other', rules)).toBe(false);
});

test('an RTMP URL is taken apart at its last slash', () => {
  expect(parsePushUrl('rtmps://live.example:443/rtmp/sub/FB-1?s_bl=1')).toEqual({
    protocol: 'rtmp',
    secure: true,
    host: 'live.example',
    port: 443,
    app: 'rtmp/sub',
    tcUrl: 'rtmps://live.example:443/rtmp/sub',
    streamName: 'FB-1?s_bl=1',
  });
  expect(parsePushUrl('http://live.example/app/key')).toBeNull();
  expect(parsePushUrl('nonsense')).toBeNull();
  expect(parsePushUrl('srt://host')).toBeNull();
});

test('a key goes to the platform letter by letter, and librtmp\'s " live=1" is no part of it', () => {
  expect(parsePushUrl('rtmp://h/app/a%2Fb?t=x/y&z=%41')).toMatchObject({ app: 'app', streamName: 'a%2Fb?t=x/y&z=%41' });
  expect(parsePushUrl('RTMP://[::1]:1936/app/key live=1')).toMatchObject({
    host: '::1',
    port: 1936,
    streamName: 'key',
    tcUrl: 'rtmp://[::1]:1936/app',
  });
});
