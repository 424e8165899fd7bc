import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { EgressStatus, SegmentedFileOutput, StreamOutput, StreamProtocol, WebhookConfig } from '@livekit/protocol';
import { EgressClient, RoomServiceClient, WebhookReceiver } from 'livekit-server-sdk';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

/** The install's egress worker as any LiveKit client sees it: livekit-server-sdk in front, webhooks behind. */
const home = process.env.OPENAIR_TEST_HOME ?? '';
const env = JSON.parse(readFileSync(join(home, 'env.json'), 'utf8')) as Record<string, string>;
const { LIVEKIT_URL = '', LIVEKIT_API_KEY = '', LIVEKIT_API_SECRET = '' } = env;

const egress = new EgressClient(LIVEKIT_URL, LIVEKIT_API_KEY, LIVEKIT_API_SECRET);
const rooms = new RoomServiceClient(LIVEKIT_URL, LIVEKIT_API_KEY, LIVEKIT_API_SECRET);
const receiver = new WebhookReceiver(LIVEKIT_API_KEY, LIVEKIT_API_SECRET);

describe('the egress worker behind livekit-server', () => {
  const roomName = `egress-stack-${Math.random().toString(36).slice(2)}`;
  const playbackId = `pb_stack${Math.random().toString(36).slice(2)}`;
  const seen: { event: string; egressId: string; status: EgressStatus }[] = [];
  let hooks: WebhookConfig[] = [];

  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', async () => {
      response.end();
      const event = await receiver.receive(body, request.headers.authorization);
      const { egressInfo } = event;
      if (egressInfo) seen.push({ event: event.event, egressId: egressInfo.egressId, status: egressInfo.status });
    });
  });

  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    hooks = [new WebhookConfig({ url: `http://127.0.0.1:${port}/hook`, signingKey: LIVEKIT_API_KEY })];
    await rooms.createRoom({ name: roomName, emptyTimeout: 120, departureTimeout: 120 });
  });
  afterAll(async () => {
    for (const { egressId } of await egress.listEgress({ roomName, active: true })) await egress.stopEgress(egressId);
    await rooms.deleteRoom(roomName).catch(() => undefined);
    server.closeAllConnections();
    server.close();
  });

  const segments = () =>
    new SegmentedFileOutput({
      filenamePrefix: `media/${playbackId}/`,
      playlistName: 'index.m3u8',
      segmentDuration: 1,
    });
  const get = async (egressId: string) => (await egress.listEgress({ egressId }))[0];
  const statusOf = async (egressId: string) => (await get(egressId))?.status;
  const eventsOf = (egressId: string) => seen.filter((one) => one.egressId === egressId).map((one) => one.event);
  const start = (outputs: object, options: object = {}) =>
    egress.startRoomCompositeEgress(roomName, outputs, { layout: 'scene', webhooks: hooks, ...options });

  test('a room composite starts, is listed, takes stream changes, stops, and ends exactly once', async () => {
    const stream = new StreamOutput({
      protocol: StreamProtocol.RTMP,
      urls: ['rtmp://127.0.0.1:1/live/firstsecretkey'],
    });
    const started = await start({ segments: segments(), stream });
    const { egressId } = started;
    expect(started.status).toBe(EgressStatus.EGRESS_STARTING);
    expect(started.roomName).toBe(roomName);
    expect(started.streamResults[0]?.url).toBe('rtmp://127.0.0.1:1/live/{fir...key}');
    expect(started.segmentResults[0]?.playlistName).toContain(`media/${playbackId}/index.m3u8`);
    expect(JSON.stringify(started, (_k, v) => (typeof v === 'bigint' ? `${v}` : v))).not.toContain('firstsecretkey');

    await expect.poll(() => statusOf(egressId), { timeout: 20_000 }).toBe(EgressStatus.EGRESS_ACTIVE);
    expect((await egress.listEgress({ roomName, active: true })).map((one) => one.egressId)).toEqual([egressId]);
    expect((await get(egressId))?.startedAt).toBeGreaterThan(0n);

    const second = 'rtmp://127.0.0.1:1/live/secondsecretkey';
    const added = await egress.updateStream(egressId, [second, second], []);
    expect(added.streamResults.map((one) => one.url)).toEqual([
      'rtmp://127.0.0.1:1/live/{fir...key}',
      'rtmp://127.0.0.1:1/live/{sec...key}',
    ]);
    const again = await egress.updateStream(egressId, [second], []);
    expect(again.streamResults).toHaveLength(2);
    const removed = await egress.updateStream(egressId, [], [second]);
    expect(removed.streamResults[1]?.status).toBe(1);
    await expect(egress.updateStream(egressId, ['http://x/y'], [])).rejects.toMatchObject({ code: 'invalid_argument' });

    const stopping = await egress.stopEgress(egressId);
    expect(stopping.status).toBe(EgressStatus.EGRESS_ENDING);
    await expect.poll(() => statusOf(egressId), { timeout: 30_000 }).toBe(EgressStatus.EGRESS_COMPLETE);
    const ended = await get(egressId);
    expect(ended?.endedAt).toBeGreaterThan(ended?.startedAt ?? 0n);
    expect(ended?.details).toBe('End reason: StopEgress API');
    expect(await egress.listEgress({ roomName, active: true })).toEqual([]);

    await expect.poll(() => eventsOf(egressId), { timeout: 10_000 }).toContain('egress_ended');
    const events = eventsOf(egressId);
    expect(events[0]).toBe('egress_started');
    expect(events.at(-1)).toBe('egress_ended');
    expect(events).toContain('egress_updated');
    expect(events.filter((event) => event === 'egress_ended')).toHaveLength(1);
    expect(events.filter((event) => event === 'egress_started')).toHaveLength(1);
    // A stop after the end is refused as LiveKit does, and changes nothing.
    const late = await egress.stopEgress(egressId).then(
      (info) => info.status,
      (error: { code?: string }) => error.code,
    );
    expect([EgressStatus.EGRESS_COMPLETE, 'failed_precondition']).toContain(late);
  });

  test('what cannot be served is refused with a sentence and without a record', async () => {
    const before = (await egress.listEgress({ roomName })).length;
    const refused = (call: Promise<unknown>) =>
      call.then(
        () => ({ code: 'accepted', message: '' }),
        (reason: { code?: string; message: string }) => reason,
      );
    expect(await refused(start({ segments: segments() }, { layout: 'spiral' }))).toMatchObject({
      code: 'invalid_argument',
      message: expect.stringContaining('spiral'),
    });
    expect(await refused(egress.startWebEgress('http://192.168.0.1/', { segments: segments() }))).toMatchObject({
      code: 'invalid_argument',
      message: expect.stringContaining('not public'),
    });
    expect((await egress.listEgress({ roomName })).length).toBe(before);
  });
});
