import { expect, test } from 'vitest';
import { destinationProblems, hostOf } from './destination-rules.ts';

test('a new destination needs name, address and key, an edited one keeps its key', () => {
  const empty = { name: ' ', url: '', streamKey: '', passphrase: '' };
  expect(destinationProblems(empty, false)).toEqual({ name: 'nameMissing', url: 'urlWrong', streamKey: 'keyMissing' });
  expect(destinationProblems({ ...empty, name: 'A', url: 'rtmps://live.example/app' }, true)).toEqual({});
});

test.each(['http://a.example/app', 'rtmp://', 'rtmp:///app', 'live.example/app', 'rtmp://[/x'])(
  '%s is no push address',
  (url) => {
    expect(destinationProblems({ name: 'A', url, streamKey: 'k', passphrase: '' }, false)).toEqual({ url: 'urlWrong' });
  },
);

test('only the host of an address is shown, never a key in its path', () => {
  expect(hostOf('rtmp://live.example:1935/app/secret-key')).toBe('live.example:1935');
  expect(hostOf('srt://live.example:9000?latency=200')).toBe('live.example:9000');
  expect(hostOf('nonsense')).toBe('');
});

test('an SRT destination needs a port, no stream id, and a passphrase of the right length if any', () => {
  const draft = { name: 'A', url: 'srt://live.example:9000', streamKey: '', passphrase: '' };
  expect(destinationProblems(draft, false)).toEqual({});
  expect(destinationProblems({ ...draft, url: 'srt://live.example' }, false)).toEqual({ url: 'srtUrlWrong' });
  expect(destinationProblems({ ...draft, passphrase: 'short' }, false)).toEqual({ passphrase: 'passphraseWrong' });
  expect(destinationProblems({ ...draft, passphrase: 'long enough' }, false)).toEqual({});
});
