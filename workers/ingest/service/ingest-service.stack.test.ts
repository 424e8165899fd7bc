import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { IngressInput, IngressState_Status } from '@livekit/protocol';
import { IngressClient } from 'livekit-server-sdk';
import { afterAll, expect, test } from 'vitest';
import { openBus } from '#bus/open-bus';
import { createIngressCommands } from './commands.ts';
import { createKeyLookup } from './keys.ts';
import type { IngestReport, IngestTarget } from './ports.ts';
import { createIngestReports } from './reports.ts';

/** Key look-up, reports and commands against the real livekit-server of the install whose home is OPENAIR_TEST_HOME. */
const home = process.env.OPENAIR_TEST_HOME ?? '';
const env = JSON.parse(readFileSync(join(home, 'env.json'), 'utf8')) as Record<string, string>;
const { REDIS_URL = '', LIVEKIT_URL = '', LIVEKIT_API_KEY = '', LIVEKIT_API_SECRET = '' } = env;

const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const bus = openBus({ redisUrl: REDIS_URL, log });
const ingress = new IngressClient(LIVEKIT_URL, LIVEKIT_API_KEY, LIVEKIT_API_SECRET);
/** The web is not part of this test: nobody listens on port 9. */
const deps = { bus, internalUrl: 'http://127.0.0.1:9', serviceSecret: 'x', log };
afterAll(() => bus.close());

test('an ingress of any IngressClient is found by its key, its state is listed, and deleting it ends the connection', async () => {
  const made = await ingress.createIngress(IngressInput.RTMP_INPUT, {
    name: 'ingest stack',
    roomName: 'ingest-stack',
    participantIdentity: 'cam',
    participantName: 'Camera',
  });
  const { ingressId } = made;
  const stateNow = async () => (await ingress.listIngress({ ingressId }))[0]?.state;
  const keys = createKeyLookup(deps);
  const target = (await keys.resolve({
    streamKey: made.streamKey ?? '',
    protocol: 'rtmp',
    address: '127.0.0.1',
  })) as IngestTarget;
  expect(target).toEqual({
    ingressId,
    roomName: 'ingest-stack',
    identity: 'cam',
    name: 'Camera',
    channelId: null,
    source: 'livekit',
    metadata: '',
    wishes: { video: null, audio: null },
    secondEncoder: 'take-over',
    record: false,
  });
  // The web is away, so an unknown key may be a channel's: not "unknown".
  expect(await keys.resolve({ streamKey: 'nosuchkey', protocol: 'rtmp', address: '127.0.0.1' })).toBe('unavailable');

  const report: IngestReport = {
    state: 'publishing',
    protocol: 'rtmp',
    sentence: 'OBS is connected.',
    video: { mimeType: 'video/h264', width: 1280, height: 720, fps: 30, bitrateKbps: 2500 },
  };
  const reports = createIngestReports(deps);
  reports.report(target, { ...report, state: 'connecting' });
  reports.report(target, report);
  await reports.flush(3_000);
  expect(await stateNow()).toMatchObject({
    status: IngressState_Status.ENDPOINT_PUBLISHING,
    video: { width: 1280, height: 720, framerate: 30 },
  });

  const ended: string[] = [];
  const commands = createIngressCommands({ bus, log });
  await commands.serve(ingressId, { current: () => report, end: (why) => void ended.push(why) });
  await ingress.updateIngress(ingressId, { name: 'renamed', roomName: 'ingest-stack', participantIdentity: 'cam' });
  expect(ended).toEqual(['updated']);
  reports.report(target, { state: 'idle', protocol: 'rtmp', sentence: 'The encoder left.' });
  await reports.flush(3_000);
  expect(await stateNow()).toMatchObject({ status: IngressState_Status.ENDPOINT_INACTIVE });
  reports.report(target, report);
  await reports.flush(3_000);
  await ingress.deleteIngress(ingressId);
  expect(ended).toEqual(['updated', 'deleted']);
  // Its end is nobody's any more: given up, not repeated for ever.
  reports.report(target, { state: 'idle', protocol: 'rtmp', sentence: 'The encoder left.' });
  await reports.flush(3_000);
  reports.close();
  keys.close();
  await commands.close();
});
