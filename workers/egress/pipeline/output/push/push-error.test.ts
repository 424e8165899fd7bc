import { expect, test } from 'vitest';
import { CAUSES, explainPushError, explainTooSlow, isRefusal, refusalOf } from './push-error.ts';

test.each(Object.keys(CAUSES))('the cause %s has one or two whole sentences of its own', (code) => {
  const { sentence } = explainPushError({ code }, 'live.example');
  expect(sentence).toMatch(/^[A-Z]|^live\.example/);
  expect(sentence).toMatch(/[.?]$/);
  expect(sentence.length).toBeLessThan(140);
});

test.each([
  [{ code: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION' }, 'tls'],
  [{ code: 'CRL_HAS_EXPIRED' }, 'tls'],
  [{ code: 'ESOMETHING' }, 'connection'],
  [{}, 'connection'],
])('%o, which has no words of its own, is called %s', (cause, code) => {
  expect(explainPushError(cause, 'h').code).toBe(code);
});

test.each([
  ['NetStream.Publish.BadName', 'Already publishing', 'name-in-use'],
  ['NetStream.Publish.Failed', 'stream is busy', 'name-in-use'],
  ['NetStream.Publish.Denied', '', 'rejected'],
  ['NetStream.Publish.Unauthorized', 'key abc is unknown', 'rejected'],
  ['NetConnection.Connect.Rejected', 'Connection failed: Application rejected connection.', 'rejected'],
  [
    'NetConnection.Connect.Rejected',
    '[ AccessManager.Reject ] : [ code=403 need auth; authmod=adobe ] :',
    'needs-login',
  ],
  ['NetConnection.Connect.InvalidApp', '', 'unknown-app'],
  ['NetConnection.Connect.Rejected', "application 'live3' is not found", 'unknown-app'],
  ['NetStream.Unpublish.Success', '', 'ended'],
])('a server that says %s (%s) means %s', (code, description, expected) => {
  expect(refusalOf({ code, description })).toBe(expected);
});

test('only what the platform decided counts towards giving up', () => {
  expect(['rejected', 'srt-passphrase', 'unknown-app'].every(isRefusal)).toBe(true);
  expect(['ECONNREFUSED', 'closed', 'hung', 'CERT_HAS_EXPIRED', 'nonsense'].some(isRefusal)).toBe(false);
});

test('a slow reader is told what it takes and what it would need', () => {
  expect(explainTooSlow('live.example', 79.6, 3120).sentence).toBe(
    'live.example takes 80 kbit/s, the stream needs 3.1 Mbit/s: pictures are left out there. The line to it or the service itself is too slow.',
  );
});
