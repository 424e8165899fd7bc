import { describe, expect, test } from 'vitest';
import { checkTarget } from './check-target.ts';
import { parseIp } from './ip-address.ts';
import { joinPushUrl, parsePushUrl } from './push-url.ts';
import { classifyAddress, judgeTarget, readTargetPolicy } from './target-address.ts';

const PUBLIC = [
  '8.8.8.8',
  '1.1.1.1',
  '9.255.255.255',
  '11.0.0.0',
  '100.63.255.255',
  '100.128.0.0',
  '126.255.255.255',
  '128.0.0.1',
  '169.253.255.255',
  '172.15.255.255',
  '172.32.0.0',
  '192.167.255.255',
  '198.17.255.255',
  '198.20.0.0',
  '223.255.255.255',
  '2606:4700::1111',
  '2a00:1450:4001::5e',
  '2002:808:808::1',
  '64:ff9b::808:808',
  '::ffff:8.8.8.8',
];

const SPECIAL = [
  '0.0.0.0',
  '0.1.2.3',
  '10.0.0.1',
  '10.255.255.255',
  '100.64.0.1',
  '100.127.255.255',
  '127.0.0.1',
  '127.255.255.254',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.0.0.8',
  '192.0.2.1',
  '192.88.99.1',
  '192.168.0.1',
  '198.18.0.1',
  '198.19.255.255',
  '198.51.100.7',
  '203.0.113.9',
  '224.0.0.1',
  '239.255.255.255',
  '240.0.0.1',
  '255.255.255.255',
  // Other spellings of loopback and private addresses.
  '127.1',
  '127.0.1',
  '2130706433',
  '0x7f000001',
  '0x7f.1',
  '0177.0.0.1',
  '017700000001',
  '0x7F.0x0.0x0.0x1',
  '127.0.0.1.',
  '10.1',
  '0xa9fea9fe',
  '0',
  '::',
  '::1',
  '0:0:0:0:0:0:0:1',
  '[::1]',
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
  '::ffff:10.0.0.1',
  '::ffff:0:127.0.0.1',
  '::127.0.0.1',
  '64:ff9b::7f00:1',
  '64:ff9b::10.0.0.1',
  '64:ff9b:1::1',
  '2002:7f00:1::1',
  '2002:a00:1::',
  '2002:c0a8:101::',
  '100::1',
  '2001::1',
  '2001:db8::1',
  '3fff::1',
  '5f00::1',
  'fc00::1',
  'fd12:3456::1',
  'fe80::1',
  'fe80::1%eth0',
  'fec0::1',
  'ff02::1',
  '4000::1',
  '8000::1',
];

function read(text: string) {
  const address = parseIp(text);
  if (!address) throw new Error(`unreadable: ${text}`);
  return address;
}

describe('addresses of targets (S-1)', () => {
  test.each(PUBLIC)('%s is public', (text) => expect(classifyAddress(read(text))).toBeNull());
  test.each(SPECIAL)('%s is special', (text) => expect(classifyAddress(read(text))).not.toBeNull());
  test.each([
    '',
    '1.2.3.4.5',
    '256.1.1.1',
    '1.2.3.256',
    '08.1.1.1',
    '1..2',
    'example.com',
    ':::',
    '1::2::3',
    '12345::',
    'g::1',
    '1.2.3.4:80',
  ])('“%s” is no address', (text) => expect(parseIp(text)).toBeNull());

  test('what the operator allows passes, but our own ports never do', () => {
    const policy = readTargetPolicy('127.0.0.0/8, nas.lan, fd00::/8, 10.0.0.0/33', '8800,8808');
    const judge = (host: string, address: string, port: number) =>
      judgeTarget(policy, { host, address: read(address), port }).ok;
    expect(judge('127.0.0.1', '127.0.0.1', 1935)).toBe(true);
    expect(judge('x', '::ffff:127.0.0.1', 1935)).toBe(true);
    expect(judge('127.0.0.1', '127.0.0.1', 8808)).toBe(false);
    expect(judge('NAS.lan.', '192.168.1.5', 1935)).toBe(true);
    expect(judge('other.lan', '192.168.1.5', 1935)).toBe(false);
    expect(judge('x', 'fd00::5', 1935)).toBe(true);
    // An unreadable entry allows nothing.
    expect(judge('x', '10.0.0.1', 1935)).toBe(false);
    expect(judge('x', '8.8.8.8', 8808)).toBe(true);
  });

  test.each([
    ['http://example.com/app', 'url'],
    ['rtmp://', 'url'],
    ['rtmp://host', 'url'],
    ['rtmp://host/', 'url'],
    ['rtmp://user:pass@host/app', 'url'],
    ['rtmp://host:0/app', 'url'],
    ['rtmp://host:70000/app', 'url'],
    ['rtmp://ho st/app', 'url'],
    ['rtmp://host\\@evil/app', 'url'],
    ['file:///etc/passwd', 'url'],
    ['srt://host/app', 'url'],
  ])('%s is refused and names the field', (url, field) => {
    expect(() => parsePushUrl(url)).toThrowError(expect.objectContaining({ code: 'destination-refused', field }));
  });

  test.each([
    'rtmp://127.0.0.1/app',
    'rtmp://0x7f.1/app',
    'rtmp://[::1]/app',
    'rtmp://LOCALHOST./app',
    'rtmp://a.localhost/app',
    'rtmps://internal.example/app',
  ])('%s leads inside and is refused', async (url) => {
    const rooms = { resolver: { resolve: async () => ['10.1.2.3'] }, targets: readTargetPolicy('', '') };
    await expect(checkTarget(rooms, url)).rejects.toMatchObject({ code: 'destination-refused', field: 'url' });
  });

  test('one private address among public ones is enough to refuse', async () => {
    const rooms = { resolver: { resolve: async () => ['8.8.8.8', 'fd00::1'] }, targets: readTargetPolicy('', '') };
    await expect(checkTarget(rooms, 'rtmp://flip.example/app')).rejects.toMatchObject({ field: 'url' });
  });

  test('a name that does not resolve now passes: the engine checks at every connect', async () => {
    const rooms = { resolver: { resolve: async () => [] }, targets: readTargetPolicy('', '') };
    await expect(checkTarget(rooms, 'rtmp://a.rtmp.youtube.com/live2')).resolves.toBeUndefined();
  });

  test('server and key are joined with one slash', () => {
    expect(joinPushUrl('rtmp://host/app/', 'key?a=b')).toBe('rtmp://host/app/key?a=b');
    expect(joinPushUrl('rtmp://host/app/key', '')).toBe('rtmp://host/app/key');
  });
});
