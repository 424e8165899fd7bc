import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { EgressStatus, SegmentedFileOutput } from '@livekit/protocol';
import { EgressClient, RoomServiceClient } from 'livekit-server-sdk';
import { Client } from 'minio';
import { expect, test } from 'vitest';
import { eventually, openInstall } from '../../infra/bench/lib/install.ts';
import { decodeWithFfmpeg, probe } from '../../infra/checks/hls/outside-eyes.ts';
import { readPlaylist } from '../../infra/checks/hls/playlist.ts';
import { playlistFaults } from '../../infra/checks/hls/rules.ts';

const { env } = openInstall();
const { LIVEKIT_URL = '', LIVEKIT_API_KEY = '', LIVEKIT_API_SECRET = '', S3_BUCKET = 'openair' } = env;
const egress = new EgressClient(LIVEKIT_URL, LIVEKIT_API_KEY, LIVEKIT_API_SECRET);
const rooms = new RoomServiceClient(LIVEKIT_URL, LIVEKIT_API_KEY, LIVEKIT_API_SECRET);

function openBucket(): Client {
  const url = new URL(env.S3_ENDPOINT ?? '');
  const { hostname: endPoint, port, protocol } = url;
  const keys = { accessKey: env.S3_ACCESS_KEY, secretKey: env.S3_SECRET_KEY };
  return new Client({ endPoint, port: Number(port), useSSL: protocol === 'https:', ...keys });
}

test('a plain LiveKit request gets TS segments, an event playlist that ends, and a live one', async () => {
  const roomName = `ts-${Date.now().toString(36)}`;
  const bucket = openBucket();
  const folder = await mkdtemp(join(tmpdir(), 'openair-ts-'));
  await rooms.createRoom({ name: roomName, emptyTimeout: 60 });
  const read = async (key: string): Promise<Buffer> => {
    const chunks: Buffer[] = [];
    for await (const chunk of await bucket.getObject(S3_BUCKET, key)) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks);
  };
  const segments = new SegmentedFileOutput({
    filenamePrefix: `plain/${roomName}/seg`,
    playlistName: 'full.m3u8',
    livePlaylistName: 'live.m3u8',
    segmentDuration: 2,
  });
  try {
    const { egressId } = await egress.startRoomCompositeEgress(roomName, { segments }, { layout: 'grid' });
    const status = async () => (await egress.listEgress({ egressId }))[0];
    const keyOf = (name: string) => `plain/${roomName}/${name}`;
    const live = await eventually('three segments in the live list', async () => {
      const list = readPlaylist((await read(keyOf('live.m3u8'))).toString());
      return list.segments.length >= 3 && list;
    });
    expect([live.ended, playlistFaults(live)]).toEqual([false, []]);
    await egress.stopEgress(egressId);
    await eventually('the end', async () => (await status())?.status === EgressStatus.EGRESS_COMPLETE);
    const text = (await read(keyOf('full.m3u8'))).toString();
    const full = readPlaylist(text);
    expect([full.ended, playlistFaults(full)]).toEqual([true, []]);
    expect(text).toContain('#EXT-X-PLAYLIST-TYPE:EVENT');
    expect(full.segments[0]?.uri).toMatch(/seg_00000\.ts$/);
    await writeFile(join(folder, 'full.m3u8'), text);
    for (const { uri } of full.segments) {
      await mkdir(dirname(join(folder, uri)), { recursive: true });
      await writeFile(join(folder, uri), await read(keyOf(uri)));
    }
    const lengthS = full.segments.reduce((sum, { durationS }) => sum + durationS, 0);
    const first = await probe(join(folder, full.segments[0]?.uri ?? ''));
    expect(first.streams.map(({ codec_name }) => codec_name).toSorted()).toEqual(['aac', 'h264']);
    const { pictures, sounds, complaints } = await decodeWithFfmpeg(join(folder, 'full.m3u8'), 600);
    expect(complaints).toBe('');
    expect(Math.abs(pictures / 30 - lengthS)).toBeLessThan(0.2);
    expect(Math.abs((sounds * 1024) / 48_000 - lengthS)).toBeLessThan(0.2);
    const info = await status();
    expect(info?.segmentResults[0]?.segmentCount).toBe(BigInt(full.segments.length));
  } finally {
    await rooms.deleteRoom(roomName).catch(() => undefined);
  }
}, 120_000);
