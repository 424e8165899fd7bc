import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EgressInfo, IngressInput, StopEgressRequest, UpdateStreamRequest } from '@livekit/protocol';
import { EgressClient, IngressClient } from 'livekit-server-sdk';
import { afterAll, describe, expect, test } from 'vitest';
import { describeBusWireContract } from './bus-wire.contract.ts';
import { openBus } from './open-bus.ts';
import { MessageWriter, readBytes, visitFields } from './protobuf-fields.ts';
import { openRedisWire } from './redis-wire.ts';
import { RpcError } from './rpc-error.ts';

/** Our bus against the real Redis and the real livekit-server of the install whose home is OPENAIR_TEST_HOME. */
const home = process.env.OPENAIR_TEST_HOME ?? '';
const env = JSON.parse(readFileSync(join(home, 'env.json'), 'utf8')) as Record<string, string>;
const { REDIS_URL = '', LIVEKIT_URL = '', LIVEKIT_API_KEY = '', LIVEKIT_API_SECRET = '' } = env;
const quiet = { warn: () => undefined, error: () => undefined };

describeBusWireContract('redis', () => ({ plug: () => openRedisWire(REDIS_URL, quiet) }));

describe('psrpc with livekit-server', () => {
  const bus = openBus({ redisUrl: REDIS_URL, log: quiet });
  afterAll(() => bus.close());
  const egressClient = new EgressClient(LIVEKIT_URL, LIVEKIT_API_KEY, LIVEKIT_API_SECRET);
  const ingressClient = new IngressClient(LIVEKIT_URL, LIVEKIT_API_KEY, LIVEKIT_API_SECRET);
  const id = () => `EG_contract${Math.random().toString(36).slice(2)}`;

  const lookUp = (streamKey: string) =>
    bus.call({
      service: 'IOInfo',
      method: 'GetIngressInfo',
      topic: '',
      request: { toBinary: () => new MessageWriter().text(2, streamKey).finish() },
      response: {
        fromBinary: (bytes: Uint8Array) => {
          let info = new Uint8Array();
          visitFields(bytes, (f) => {
            if (f.field !== 1) return false;
            info = Uint8Array.from(readBytes(f));
            return true;
          });
          return info;
        },
      },
    });

  test('our client asks livekit-server and reads its answer and its refusal', async () => {
    const made = await ingressClient.createIngress(IngressInput.RTMP_INPUT, {
      name: 'bus contract',
      roomName: 'bus-contract',
      participantIdentity: 'enc_primary',
      participantName: 'Encoder',
    });
    try {
      const info = await lookUp(made.streamKey ?? '');
      expect(Buffer.from(info).includes(Buffer.from(made.ingressId))).toBe(true);
      await expect(lookUp('nosuchkey')).rejects.toMatchObject({ name: 'RpcError', message: /does not exist/ });
    } finally {
      await ingressClient.deleteIngress(made.ingressId);
    }
  });

  test("livekit-server's client finds our server by egress id and gets our answer", async () => {
    const egressId = id();
    const leave = await bus.serve({
      service: 'EgressHandler',
      method: 'StopEgress',
      topic: egressId,
      request: StopEgressRequest,
      handle: async (request) => new EgressInfo({ egressId: request.egressId, details: 'seen by our server' }),
    });
    const answer = await egressClient.stopEgress(egressId);
    expect(answer.details).toBe('seen by our server');
    await leave();
  });

  test("livekit-server's client receives our refusals with their code", async () => {
    const egressId = id();
    const bytes = new EgressInfo({ egressId, roomName: 'bus-contract', status: 0 });
    await bus.call({
      service: 'IOInfo',
      method: 'CreateEgress',
      topic: '',
      request: bytes,
      response: { fromBinary: () => null },
    });
    const leave = await bus.serve({
      service: 'EgressHandler',
      method: 'UpdateStream',
      topic: egressId,
      request: UpdateStreamRequest,
      handle: async (): Promise<EgressInfo> => {
        throw new RpcError('invalid_argument', 'the address must begin with rtmp://');
      },
    });
    await expect(egressClient.updateStream(egressId, ['http://x'])).rejects.toMatchObject({
      message: expect.stringContaining('the address must begin with rtmp://'),
      code: 'invalid_argument',
    });
    await leave();
    const ended = new EgressInfo({ egressId, roomName: 'bus-contract', status: 5, endedAt: 1n });
    await bus.call({
      service: 'IOInfo',
      method: 'UpdateEgress',
      topic: '',
      request: ended,
      response: { fromBinary: () => null },
    });
  });
});
