import { copyFileSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import pino from 'pino';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { openTestAuthority } from '../../egress/pipeline/output/push/fixtures/test-authority.ts';
import { openCertificate } from './certificate.ts';
import type { AdmitPublisher } from './publisher.ts';
import { openRtmpsWhenReady } from './rtmps.ts';
import { openRtmpServer, type RtmpServer } from './server.ts';
import { connectEncoder, publishDialogue } from './test-encoder.ts';

const authority = openTestAuthority();
afterAll(() => authority.close());
const open: RtmpServer[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close('end of the test')));
});

const admit: AdmitPublisher = async () => ({
  ok: true,
  ingressId: 'IN_1',
  taker: { onTag: () => undefined, onGone: () => undefined },
});

async function start(now?: () => number) {
  const lines: string[] = [];
  const log = pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) });
  const { certFile, keyFile } = authority.issue('IP:127.0.0.1');
  const certificate = openCertificate(certFile, keyFile, () => undefined, now);
  const server = await openRtmpServer({ host: '127.0.0.1', port: 0, log, admit, certificate, publishWithinMs: 400 });
  open.push(server);
  return { server, lines, certFile, keyFile };
}

function dial(port: number): Promise<{ socket: TLSSocket; heard(): string }> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({ port, host: '127.0.0.1', ca: authority.certificate }, () =>
      resolve({ socket, heard: () => heard }),
    );
    let heard = '';
    socket.on('data', (bytes) => {
      heard += bytes.toString('latin1');
    });
    socket.on('error', reject);
  });
}

test('an encoder publishes over TLS, under a certificate that it can check', async () => {
  const { server } = await start();
  const { socket, heard } = await dial(server.port);
  socket.write(publishDialogue('k'));
  await vi.waitFor(() => expect(heard()).toContain('NetStream.Publish.Start'));
  socket.destroy();
});

test('a caller that never finishes the handshake, or speaks plain RTMP, is closed with a reason', async () => {
  const { server, lines } = await start();
  const [silent, plain] = await Promise.all([connectEncoder(server.port), connectEncoder(server.port)]);
  plain.socket.write(publishDialogue('k'));
  await Promise.all([silent.whenClosed, plain.whenClosed]);
  await vi.waitFor(() => expect(lines.filter((line) => line.includes('rtmp: closed: '))).toHaveLength(2));
  expect(server.connections()).toBe(0);
});

test('a renewed certificate is used for the next encoder, without a restart', async () => {
  let now = 0;
  const { server, certFile, keyFile } = await start(() => now);
  const first = await dial(server.port);
  const renewed = authority.issue('IP:127.0.0.1');
  copyFileSync(renewed.certFile, certFile);
  copyFileSync(renewed.keyFile, keyFile);
  utimesSync(certFile, 1, 1);
  now = 3_600_000;
  const second = await dial(server.port);
  const serial = (socket: TLSSocket) => socket.getPeerCertificate().serialNumber;
  expect(serial(second.socket)).not.toBe(serial(first.socket));
  for (const one of [first, second]) one.socket.destroy();
});

test('without its files RTMPS waits, says so, and the worker goes on', async () => {
  const warn = vi.fn();
  const log = { ...pino({ level: 'silent' }), warn } as never;
  const missing = join(authority.folder, 'missing.pem');
  const rtmps = openRtmpsWhenReady(
    { INGEST_RTMPS_PORT: 0, INGEST_TLS_CERT_FILE: missing, INGEST_TLS_KEY_FILE: missing },
    { host: '127.0.0.1', log, admit },
  );
  await vi.waitFor(() => expect(warn).toHaveBeenCalledOnce());
  expect(rtmps.connections()).toBe(0);
  await rtmps.close('end of the test');
});
