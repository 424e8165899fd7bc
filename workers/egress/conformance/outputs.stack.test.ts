import {
  EgressStatus,
  EncodedFileOutput,
  EncodedFileType,
  ImageFileSuffix,
  ImageOutput,
  S3Upload,
  SegmentedFileOutput,
  SegmentedFileSuffix,
  StreamInfo_Status,
  StreamOutput,
  StreamProtocol,
} from '@livekit/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openRtmpSink, type RtmpSink } from '../../../infra/e2e/rtmp-sink.ts';
import { Lab, SMALL } from './fixtures/lab.ts';

/** Every output of a room composite: what lies in storage, what EgressInfo says of it, and the webhooks on the way. */
let lab: Lab;
let sink: RtmpSink;
beforeAll(async () => {
  lab = await Lab.open('outputs');
  sink = await openRtmpSink();
  await sink.start();
  await lab.enter('host_one');
});
afterAll(async () => {
  await lab?.close();
  await sink?.close();
});

const start = (outputs: object, options: object = {}) =>
  lab.egress.startRoomCompositeEgress(lab.roomName, outputs, {
    layout: 'grid',
    encodingOptions: SMALL,
    webhooks: lab.webhooks,
    ...options,
  });
const finish = (egressId: string) => lab.finish(egressId);
const S = 1_000_000_000n;

test('one encode goes into a file, TS segments, a stream and images; each has its result, and all of it a manifest', async () => {
  const folder = `lab/${lab.roomName}`;
  const { egressId, status } = await start({
    file: new EncodedFileOutput({ filepath: 'lab/{room_name}/take' }),
    segments: new SegmentedFileOutput({
      filenamePrefix: `${folder}/hls/s`,
      playlistName: 'full.m3u8',
      livePlaylistName: 'live.m3u8',
      segmentDuration: 1,
    }),
    stream: new StreamOutput({ protocol: StreamProtocol.RTMP, urls: [`${sink.url}/firstsecretkey`] }),
    images: new ImageOutput({ filenamePrefix: `${folder}/img`, captureInterval: 1, width: 160, height: 90 }),
  });
  expect(status).toBe(EgressStatus.EGRESS_STARTING);
  await lab.plays(egressId, 3.5);
  expect(await sink.bytesIn('firstsecretkey')).toBeGreaterThan(10_000);
  const ended = await lab.finish(egressId);
  expect([ended.error, ended.errorCode, ended.details]).toEqual(['', 0, 'End reason: StopEgress API']);
  expect([ended.startedAt > 0n, ended.endedAt > ended.startedAt, ended.result.case]).toEqual([true, true, undefined]);

  const [file] = ended.fileResults;
  const { codecs, streams, seconds } = await lab.probe(`${folder}/take.mp4`);
  expect(file).toMatchObject({
    filename: `${folder}/take.mp4`,
    location: `${lab.env.S3_ENDPOINT}/${lab.bucket}/${folder}/take.mp4`,
    size: BigInt((await lab.read(`${folder}/take.mp4`)).length),
  });
  expect([codecs, streams[0]]).toMatchObject([
    ['h264', 'aac'],
    { profile: 'Main', width: 320, height: 180, r_frame_rate: '15/1' },
  ]);
  expect(seconds).toBeGreaterThan(3);
  expect(Math.abs(Number(file?.duration) / 1e9 - seconds)).toBeLessThan(0.3);
  expect(file?.endedAt).toBeGreaterThan(file?.startedAt ?? 0n);

  const [segments] = ended.segmentResults;
  const stored = (await lab.keys(`${folder}/hls/s_`)).map((key) => key.slice(-8));
  expect(stored.slice(0, 3)).toEqual(['00000.ts', '00001.ts', '00002.ts']);
  expect(segments).toMatchObject({
    playlistName: `${folder}/hls/full.m3u8`,
    livePlaylistName: `${folder}/hls/live.m3u8`,
    playlistLocation: `${lab.env.S3_ENDPOINT}/${lab.bucket}/${folder}/hls/full.m3u8`,
    segmentCount: BigInt(stored.length),
  });
  expect(segments?.size).toBeGreaterThan(10_000n);
  expect(String(await lab.read(`${folder}/hls/full.m3u8`))).toContain('#EXT-X-ENDLIST');

  const [stream] = ended.streamResults;
  expect(stream).toMatchObject({ status: StreamInfo_Status.FINISHED, error: '' });
  expect(stream?.url).toBe(`${sink.url}/{fir...key}`);
  expect(stream?.duration).toBeGreaterThan(2n * S);

  const pictures = await lab.keys(`${folder}/img_`);
  const [images] = ended.imageResults;
  expect(pictures[0]).toBe(`${folder}/img_00000.jpeg`);
  expect(images).toMatchObject({ filenamePrefix: `${folder}/img`, imageCount: BigInt(pictures.length) });
  expect((await lab.probe(pictures[0] ?? '')).streams[0]).toMatchObject({ width: 160, height: 90 });

  expect(ended.manifestLocation).toBe(`${lab.env.S3_ENDPOINT}/${lab.bucket}/${folder}/${egressId}.json`);
  const manifest = JSON.parse(String(await lab.read(`${folder}/${egressId}.json`)));
  expect(manifest).toMatchObject({ egress_id: egressId, room_name: lab.roomName });
  expect(manifest.files).toEqual([{ filename: file?.filename, location: file?.location }]);
  expect(manifest.playlists[0].location).toBe(segments?.playlistLocation);
  expect(manifest.playlists[0].segments).toHaveLength(stored.length);
  expect(manifest.images.map((image: { filename: string }) => image.filename)).toEqual(pictures);

  await lab.lastHook(egressId);
  const events = lab.events(egressId);
  expect(events[0]).toMatch(/^egress_started/);
  expect(events).toContain('egress_updated EGRESS_ACTIVE');
  expect(events).toContain('egress_updated EGRESS_ENDING');
  expect(events.filter((event) => !event.startsWith('egress_updated'))).toEqual([
    events[0],
    'egress_ended EGRESS_COMPLETE',
  ]);
  expect(events.at(-1)).toBe('egress_ended EGRESS_COMPLETE');
  expect((await lab.lastHook(egressId)).toJsonString()).not.toContain('firstsecretkey');
}, 60_000);

test('sound alone is OGG by itself, MP3 or MP4 where that is asked for', async () => {
  const types = [EncodedFileType.DEFAULT_FILETYPE, EncodedFileType.MP3, EncodedFileType.MP4];
  const started = await Promise.all(
    types.map((fileType) =>
      start(
        {
          file: new EncodedFileOutput({
            fileType,
            filepath: `lab/${lab.roomName}/sound${fileType}`,
            disableManifest: true,
          }),
        },
        { audioOnly: true, encodingOptions: undefined },
      ),
    ),
  );
  await Promise.all(started.map(({ egressId }) => lab.plays(egressId, 2)));
  const ended = await Promise.all(started.map(({ egressId }) => finish(egressId)));
  const names = ended.map(({ fileResults }) => fileResults[0]?.filename ?? '');
  expect(names.map((name) => name.slice(name.lastIndexOf('/') + 1))).toEqual([
    'sound0.ogg',
    'sound3.mp3',
    'sound1.mp4',
  ]);
  const probed = await Promise.all(names.map((name) => lab.probe(name)));
  expect(probed.map(({ codecs }) => codecs)).toEqual([['opus'], ['mp3'], ['aac']]);
  for (const { seconds } of probed) expect(seconds).toBeGreaterThan(1.5);
  // The old field of a single output is filled, and no manifest was wanted.
  expect(ended.map(({ result, manifestLocation }) => [result.case, manifestLocation])).toEqual(
    Array(3).fill(['file', '']),
  );
}, 60_000);

test("storage, names and headers of the request are the request's own; a folder as name is filled in", async () => {
  const bucket = `lab-${Date.now().toString(36)}`;
  await lab.store.makeBucket(bucket);
  const s3 = new S3Upload({
    accessKey: lab.env.S3_ACCESS_KEY,
    secret: lab.env.S3_SECRET_KEY,
    endpoint: lab.env.S3_ENDPOINT,
    region: 'us-east-1',
    bucket,
    forcePathStyle: true,
    metadata: { Show: 'night' },
    contentDisposition: 'attachment',
  });
  const output = { case: 's3' as const, value: s3 };
  const { TIMESTAMP } = SegmentedFileSuffix;
  const { egressId } = await start({
    segments: new SegmentedFileOutput({
      filenamePrefix: 'show',
      segmentDuration: 1,
      filenameSuffix: TIMESTAMP,
      output,
    }),
    images: new ImageOutput({
      filenamePrefix: 'now',
      captureInterval: 1,
      filenameSuffix: ImageFileSuffix.IMAGE_SUFFIX_NONE_OVERWRITE,
      output,
    }),
  });
  const named = await start({ file: new EncodedFileOutput({ filepath: `lab/${lab.roomName}/` }) });
  await lab.plays(named.egressId, 2);
  const [ended, { fileResults, manifestLocation }] = await Promise.all([finish(egressId), finish(named.egressId)]);
  expect(fileResults[0]?.filename).toMatch(
    new RegExp(`^lab/${lab.roomName}/${lab.roomName}-\\d{4}-\\d\\d-\\d\\dT\\d{6}\\.mp4$`),
  );
  expect(manifestLocation).toContain(`/lab/${lab.roomName}/${named.egressId}.json`);
  const keys = await lab.keys('', bucket);
  expect(keys.filter((key) => !key.endsWith('.ts'))).toEqual([`${egressId}.json`, 'now.jpeg', 'show.m3u8'].sort());
  expect(keys.find((key) => key.endsWith('.ts'))).toMatch(/^show_20\d{15}\.ts$/);
  const { metaData } = await lab.store.statObject(bucket, 'now.jpeg');
  expect(metaData).toMatchObject({ show: 'night', 'content-disposition': 'attachment', 'content-type': 'image/jpeg' });
  expect(ended.imageResults[0]?.imageCount).toBeGreaterThan(1n);
  const told = (await lab.lastHook(egressId)).toJsonString();
  expect(told).toContain('{secret}');
  expect(told).not.toContain(lab.env.S3_SECRET_KEY);
}, 60_000);
