import {
  DirectFileOutput,
  type EgressInfo,
  EgressStatus,
  EncodedFileOutput,
  EncodedFileType,
  EncodingOptions,
  FileOutput,
  GCPUpload,
  ImageOutput,
  Output,
  S3Upload,
  SegmentedFileOutput,
  StartEgressRequest,
  StreamInfo_Status,
  StreamOutput,
  TemplateSource,
  VideoCodec,
  WebhookConfig,
} from '@livekit/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../../../infra/bench/lib/install.ts';
import type { RoomPerson } from '../../../infra/bench/lib/room-person.ts';
import { Lab, SMALL } from './fixtures/lab.ts';

/** What is wrong is said: at once where it can be known, else in the record and its webhooks. */
let lab: Lab;
let host: RoomPerson;
/** Waits half a minute for somebody while the other tests run, in a room of its own. */
let never: Promise<EgressInfo>;
beforeAll(async () => {
  lab = await Lab.open('failures');
  host = await lab.enter('host_one');
  const empty = `${lab.roomName}-empty`;
  await lab.openRoom(empty);
  const options = { webhooks: lab.webhooks, encodingOptions: SMALL };
  never = lab.egress.startParticipantEgress(empty, 'guest_never', { file: file('never') }, options);
  await never;
});
afterAll(() => lab?.close());

const file = (name: string, more: object = {}) =>
  new EncodedFileOutput({ filepath: `lab/${lab.roomName}/${name}`, ...more });
const room = (outputs: object, options: object = {}, roomName = lab.roomName) =>
  lab.egress.startRoomCompositeEgress(roomName, outputs, {
    layout: 'grid',
    encodingOptions: SMALL,
    webhooks: lab.webhooks,
    ...options,
  });
const advanced = (fields: object) => ({ encodingOptions: new EncodingOptions(fields) });
const streams = (...urls: string[]) => ({ stream: new StreamOutput({ protocol: 1, urls }) });
const s3 = (fields: object) => {
  const { S3_ACCESS_KEY: accessKey, S3_SECRET_KEY: secret, S3_ENDPOINT: endpoint } = lab.env;
  const value = new S3Upload({ accessKey, secret, endpoint, bucket: lab.bucket, forcePathStyle: true, ...fields });
  return { output: { case: 's3' as const, value } };
};
const twoFiles = () =>
  new StartEgressRequest({
    roomName: lab.roomName,
    source: { case: 'template', value: new TemplateSource({ layout: 'grid' }) },
    outputs: ['a', 'b'].map(
      (filepath) => new Output({ config: { case: 'file', value: new FileOutput({ filepath }) } }),
    ),
  });

describe('a request that cannot work is refused in words, and leaves no record', () => {
  const cases: [string, () => Promise<unknown>, string, RegExp][] = [
    ['an unknown layout', () => room({ file: file('x') }, { layout: 'spiral' }), 'invalid_argument', /"spiral".*grid/],
    [
      'a template that is no page',
      () => room({ file: file('x') }, { customBaseUrl: 'ftp://h/x' }),
      'invalid_argument',
      /custom_base_url must be/,
    ],
    ['an unknown room', () => room({ file: file('x') }, {}, 'lab-no-such-room'), 'not_found', /room/],
    [
      'an unknown track',
      () => lab.egress.startTrackEgress(lab.roomName, new DirectFileOutput(), 'TR_nobodyhasit'),
      'not_found',
      /TR_nobodyhasit is not in the room/,
    ],
    [
      'a microphone as picture',
      () =>
        lab.egress.startTrackCompositeEgress(lab.roomName, { file: file('x') }, { videoTrackId: host.audioTrackId }),
      'invalid_argument',
      /video_track_id .* is no video track/,
    ],
    [
      'a picture in OGG',
      () => room({ file: file('x', { fileType: EncodedFileType.OGG }) }),
      'invalid_argument',
      /OGG takes sound alone/,
    ],
    ['images of sound', () => room({ images: new ImageOutput() }, { audioOnly: true }), 'invalid_argument', /images/],
    ['two files', () => lab.egress.startEgress(twoFiles()), 'invalid_argument', /one file output.*second/],
    [
      'VP8',
      () => room({ file: file('x') }, advanced({ videoCodec: VideoCodec.VP8 })),
      'invalid_argument',
      /VP8.*H\.264/,
    ],
    [
      'an odd width',
      () => room({ file: file('x') }, advanced({ width: 641 })),
      'invalid_argument',
      /width must be even/,
    ],
    [
      'key frames rarer in segments',
      () => room({ segments: new SegmentedFileOutput() }, advanced({ keyFrameInterval: 1 })),
      'invalid_argument',
      /key_frame_interval 1 s is shorter than segment_duration 4 s/,
    ],
    [
      'a live playlist elsewhere',
      () => room({ segments: new SegmentedFileOutput({ playlistName: 'a/x', livePlaylistName: 'b/y' }) }),
      'invalid_argument',
      /live_playlist_name must lie in the folder/,
    ],
    ['no address to stream to', () => room(streams()), 'invalid_argument', /no urls/],
    ['an address that is none', () => room(streams('rtmp://host')), 'invalid_argument', /must look like rtmp:/],
    [
      'a storage we do not speak',
      () => room({ file: file('x', { output: { case: 'gcp', value: new GCPUpload({ bucket: 'b' }) } }) }),
      'unimplemented',
      /Google Cloud Storage.*S3/,
    ],
    ['S3 without a bucket', () => room({ file: file('x', s3({ bucket: '' })) }), 'invalid_argument', /s3\.bucket/],
  ];
  test.each(cases)('%s', async (_name, ask, code, message) => {
    await expect(ask()).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
    expect(await lab.egress.listEgress({ roomName: lab.roomName })).toEqual([]);
  });
});

test('storage that refuses for good ends the egress in seconds, with the reason in record and webhook', async () => {
  const wrong: [object, RegExp][] = [
    [{ file: file('x', s3({ bucket: 'lab-no-such-bucket' })) }, /bucket "lab-no-such-bucket" does not exist/],
    [{ file: file('x', s3({ accessKey: 'nobodysaccesskey' })) }, /does not know the access key/],
    [
      {
        segments: new SegmentedFileOutput({
          playlistName: 'x',
          segmentDuration: 1,
          ...s3({ secret: 'wrongsecretkey' }),
        }),
      },
      /refuses the secret key/,
    ],
  ];
  await Promise.all(
    wrong.map(async ([outputs, message]) => {
      const { egressId } = await room(outputs);
      const failed = await lab.becomes(egressId, EgressStatus.EGRESS_FAILED);
      expect(failed.error).toMatch(message);
      expect([failed.errorCode, failed.details]).toEqual([400, 'End reason: Failure']);
      const told = await lab.lastHook(egressId);
      expect([told.status, told.error]).toEqual([EgressStatus.EGRESS_FAILED, failed.error]);
      expect(told.toJsonString()).not.toMatch(/wrongsecretkey|nobodysaccesskey/);
      expect(lab.events(egressId).filter((event) => event.startsWith('egress_ended'))).toHaveLength(1);
    }),
  );
}, 60_000);

test('beside an output that works, one that is refused fails the record at the end and not before', async () => {
  const outputs = {
    file: file('works'),
    images: new ImageOutput({ captureInterval: 1, ...s3({ bucket: 'lab-no-such-bucket' }) }),
  };
  const { egressId } = await room(outputs);
  await lab.plays(egressId, 3);
  await lab.egress.stopEgress(egressId);
  const ended = await lab.becomes(egressId, EgressStatus.EGRESS_FAILED);
  expect(ended.error).toMatch(/bucket "lab-no-such-bucket" does not exist/);
  expect((await lab.probe(`lab/${lab.roomName}/works.mp4`)).codecs).toEqual(['h264', 'aac']);
  expect(ended.fileResults[0]?.size).toBeGreaterThan(10_000n);
}, 60_000);

test('a platform out of reach and a receiver of webhooks that is gone fail nothing', async () => {
  const gone = [new WebhookConfig({ url: 'http://127.0.0.1:1/hook', signingKey: lab.env.LIVEKIT_API_KEY })];
  const outputs = { ...streams('rtmp://127.0.0.1:1/live/unreachablesecretkey'), file: file('pushed') };
  const { egressId } = await room(outputs, { webhooks: gone });
  await eventually('the stream says what is wrong', async () => {
    const [stream] = (await lab.info(egressId)).streamResults;
    return stream?.error.includes('127.0.0.1') && stream.status === StreamInfo_Status.ACTIVE && stream.retries > 0;
  });
  await lab.plays(egressId, 1);
  const ended = await lab.finish(egressId);
  expect([ended.error, ended.fileResults[0]?.filename]).toEqual(['', `lab/${lab.roomName}/pushed.mp4`]);
  expect(ended.toJsonString()).not.toContain('unreachablesecretkey');
}, 60_000);

test('an egress of a person who never comes fails after half a minute', async () => {
  const { egressId } = await never;
  const failed = await lab.becomes(egressId, EgressStatus.EGRESS_FAILED, 45_000);
  expect([failed.errorCode, failed.error]).toEqual([404, expect.stringContaining('guest_never')]);
  expect((await lab.lastHook(egressId)).error).toContain('guest_never');
}, 60_000);
