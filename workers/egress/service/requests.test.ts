import {
  AliOSSUpload,
  AudioChannel,
  AudioCodec,
  EncodingOptions,
  EncodingOptionsPreset,
  FileOutput,
  ImageOutput,
  MediaSource,
  Output,
  ParticipantEgressRequest,
  ParticipantInfo_Kind,
  type RoomCompositeEgressRequest,
  S3Upload,
  SegmentedFileOutput,
  StartEgressRequest,
  StreamOutput,
  type StreamProtocol,
  TemplateSource,
  TrackEgressRequest,
  VideoCodec,
} from '@livekit/protocol';
import { describe, expect, test } from 'vitest';
import { appRequest, feedSegments, refusalOf, streamTo, testConfig } from './fixtures/requests.ts';
import { acceptRequest } from './requests.ts';
import { StartRequestCodec, type WireRequest, writeStartRequest } from './start-request.ts';

const config = testConfig();
const NOW = Date.UTC(2026, 10, 21, 9, 5, 7, 42);
const accept = (request: ReturnType<typeof appRequest>) => acceptRequest(request, config, NOW);
const room = (fields: Partial<RoomCompositeEgressRequest>) => accept(appRequest('EG_test1', 'ch_1', [], fields));
const of = (request: WireRequest) => accept({ egressId: 'EG_test1', roomId: 'RM_1', request });

test("the app's request becomes a plan with the feed id from its prefix", () => {
  const { plan, wantsSceneProgram, type } = accept(
    appRequest('EG_test1', 'ch_1', [
      'rtmp://a.example/live/key1',
      ' rtmp://a.example/live/key1 ',
      'rtmps://b.example:443/app/x/key2',
    ]),
  );
  expect(type).toBe('room_composite');
  expect(wantsSceneProgram).toBe(true);
  expect(plan).toMatchObject({
    egressId: 'EG_test1',
    roomName: 'ch_1',
    source: { kind: 'room', layout: 'scene' },
    program: { width: 1280, height: 720, fps: 30, ladder: [{ id: '720p', height: 720, bitrateKbps: 3000 }] },
    audio: { bitrateKbps: 128, sampleRate: 48_000 },
    segments: { playbackId: 'pb_1', prefix: 'media/pb_1/', segmentS: 1, partMs: 213.34 },
  });
  expect(plan.segments?.storage).toMatchObject({ bucket: 'openair', endpoint: 'http://127.0.0.1:2' });
  expect(plan.pushes.map(({ url }) => url)).toEqual(['rtmp://a.example/live/key1', 'rtmps://b.example:443/app/x/key2']);
});

test('a request survives the wire as livekit-server writes it', () => {
  const request = appRequest('EG_wire', 'ch_1', ['rtmp://a.example/live/key1']);
  expect(StartRequestCodec.fromBinary(writeStartRequest(request))).toEqual(request);
  const replay = StartRequestCodec.fromBinary(
    writeStartRequest({ egressId: 'EG_wire', roomId: '', request: { kind: 'replay' } }),
  );
  expect(replay.request.kind).toBe('replay');
});

test('an unknown layout is refused by name', () => {
  expect(refusalOf(() => room({ layout: 'spiral' }))).toMatchObject({ code: 'invalid_argument', message: /spiral/ });
  expect(room({ layout: 'speaker-light' }).plan.source).toEqual({ kind: 'room', layout: 'speaker' });
});

test('presets and options give the picture, with the real defaults for what is not said', () => {
  const preset = (value: EncodingOptionsPreset) =>
    room({ layout: 'grid', options: { case: 'preset', value } }).plan.program;
  expect(preset(EncodingOptionsPreset.H264_1080P_60)).toMatchObject({
    width: 1920,
    height: 1080,
    fps: 60,
    ladder: [{ bitrateKbps: 6000 }],
  });
  expect(preset(EncodingOptionsPreset.PORTRAIT_H264_720P_30)).toMatchObject({
    width: 720,
    height: 1280,
    ladder: [{ id: '720p' }],
  });
  const options = new EncodingOptions({ width: 640, height: 360, videoBitrate: 800, audioBitrate: 96 });
  const { plan } = room({ layout: 'grid', options: { case: 'advanced', value: options } });
  expect(plan.program).toMatchObject({
    width: 640,
    height: 360,
    fps: 30,
    ladder: [{ id: '360p', height: 360, bitrateKbps: 800 }],
  });
  expect(plan.audio.bitrateKbps).toBe(96);
});

test("a plain request gets LiveKit's profile or the one it asks for, a show of our own the best one", () => {
  const profileOf = (fields: Partial<RoomCompositeEgressRequest>) => room(fields).plan.video?.profile;
  const asked = (videoCodec: VideoCodec) => ({
    layout: 'grid',
    options: { case: 'advanced' as const, value: new EncodingOptions({ videoCodec }) },
  });
  expect([
    profileOf({}),
    profileOf({ layout: 'grid' }),
    profileOf(asked(VideoCodec.H264_BASELINE)),
    profileOf(asked(VideoCodec.H264_HIGH)),
  ]).toEqual(['high', 'main', 'baseline', 'high']);
});

describe('encoding that cannot be', () => {
  const cases: [string, ConstructorParameters<typeof EncodingOptions>[0], string, RegExp][] = [
    ['odd width', { width: 641 }, 'invalid_argument', /width must be even/],
    ['tiny height', { height: 8 }, 'invalid_argument', /height must be from 16/],
    ['absurd frame rate', { framerate: 240 }, 'invalid_argument', /framerate/],
    ['absurd bitrate', { videoBitrate: 900_000 }, 'invalid_argument', /video_bitrate/],
    ['VP8', { videoCodec: VideoCodec.VP8 }, 'invalid_argument', /VP8.*H\.264/],
    ['Opus', { audioCodec: AudioCodec.OPUS }, 'invalid_argument', /OPUS.*AAC/],
    ['44.1 kHz', { audioFrequency: 44_100 }, 'unimplemented', /44100/],
    ['key frames rarer in segments', { keyFrameInterval: 0.5 }, 'invalid_argument', /key_frame_interval 0.5/],
  ];
  test.each(cases)('%s is refused by name', (_name, fields, code, message) => {
    const value = new EncodingOptions(fields);
    expect(refusalOf(() => room({ options: { case: 'advanced', value } }))).toMatchObject({ code, message });
  });
  test('PASSTHROUGH is refused', () => {
    const options = { case: 'preset' as const, value: EncodingOptionsPreset.PASSTHROUGH };
    expect(refusalOf(() => room({ options }))).toMatchObject({ code: 'unimplemented' });
  });
});

describe('requests that cannot be served', () => {
  const cases: [string, () => unknown, string, RegExp][] = [
    ['no output', () => room({ segmentOutputs: [] }), 'invalid_argument', /no output/],
    [
      'streams without urls alone',
      () => room({ segmentOutputs: [], streamOutputs: [streamTo()] }),
      'invalid_argument',
      /no urls/,
    ],
    [
      'two segments outputs',
      () => room({ segmentOutputs: [feedSegments(), feedSegments()] }),
      'invalid_argument',
      /segments output.*second/,
    ],
    [
      'two stream outputs',
      () => room({ streamOutputs: [streamTo('rtmp://h/a/k'), streamTo('rtmp://h/a/k')] }),
      'invalid_argument',
      /stream output.*second/,
    ],
    [
      'images of sound',
      () => room({ audioOnly: true, imageOutputs: [new ImageOutput()] }),
      'invalid_argument',
      /images.*audio_only/,
    ],
    ['custom_base_url', () => room({ customBaseUrl: 'https://x.example' }), 'unimplemented', /custom_base_url/],
    ['audio and video only', () => room({ audioOnly: true, videoOnly: true }), 'invalid_argument', /contradict/],
    ['a bar in the room name', () => room({ roomName: 'a|b' }), 'invalid_argument', /"\|"/],
    ['no room', () => room({ roomName: '' }), 'invalid_argument', /room_name/],
    [
      'endless segments',
      () => room({ segmentOutputs: [new SegmentedFileOutput({ segmentDuration: 3600 })] }),
      'invalid_argument',
      /segment_duration/,
    ],
    [
      'a protocol of the future',
      () => room({ streamOutputs: [new StreamOutput({ protocol: 99 as StreamProtocol, urls: ['rtmp://h/a/b'] })] }),
      'unimplemented',
      /protocol/,
    ],
    [
      'a track without id',
      () => of({ kind: 'track', value: new TrackEgressRequest() }),
      'invalid_argument',
      /track_id/,
    ],
    ['replay', () => of({ kind: 'replay' }), 'unimplemented', /replay/],
    ['nothing', () => of({ kind: 'none' }), 'invalid_argument', /nothing/],
    ['no egress id', () => accept({ ...appRequest(), egressId: '' }), 'invalid_argument', /egress_id/],
    [
      'a participant without identity',
      () => of({ kind: 'participant', value: new ParticipantEgressRequest({ roomName: 'r' }) }),
      'invalid_argument',
      /identity/,
    ],
    ['v2 without source', () => of({ kind: 'v2', value: new StartEgressRequest() }), 'invalid_argument', /source/],
  ];
  test.each(cases)('%s', (_name, run, code, message) => {
    expect(refusalOf(run)).toMatchObject({ code, message });
  });

  test.each([
    ['http://h/app/key', 'invalid_argument'],
    ['rtmp://', 'invalid_argument'],
    ['rtmp://host', 'invalid_argument'],
    ['srt://h:1?passphrase=hunter2', 'invalid_argument'],
    ['ws://h/hunter2', 'unimplemented'],
    ['twitch://hunter2/more', 'invalid_argument'],
    [`rtmp://h/a/${'k'.repeat(3000)}`, 'invalid_argument'],
    ['rtmp://h o s t/a/hunter2', 'invalid_argument'],
  ])('the stream url %s is refused and not echoed', (url, code) => {
    const refusal = refusalOf(() => accept(appRequest('EG_test1', 'ch_1', [url])));
    expect(refusal.code).toBe(code);
    expect(refusal.message).not.toContain('hunter2');
  });
});

describe('storage', () => {
  const withS3 = (fields: object) =>
    room({ segmentOutputs: [new SegmentedFileOutput({ output: { case: 's3', value: new S3Upload(fields) } })] });
  const s3 = { bucket: 'b', accessKey: 'a', secret: 's' };

  test("the request's own wins, and an address without scheme or none at all is completed", () => {
    expect(withS3({ ...s3, endpoint: 'minio:9000', forcePathStyle: true }).plan.segments?.storage).toMatchObject({
      endpoint: 'https://minio:9000',
      bucket: 'b',
      secretKey: 's',
      forcePathStyle: true,
      region: 'us-east-1',
    });
    expect(withS3({ ...s3, region: 'eu-west-1' }).plan.segments?.storage.endpoint).toBe(
      'https://s3.eu-west-1.amazonaws.com',
    );
  });
  test.each([
    [{ ...s3, bucket: '' }, /bucket/],
    [{ ...s3, secret: '' }, /secret/],
    [{ ...s3, assumeRoleArn: 'x' }, /assume_role_arn/],
    [{ ...s3, endpoint: 'http://[' }, /endpoint/],
    [{ ...s3, metadata: { show: 'a\r\nX-Evil: 1' } }, /metadata/],
  ])('a block that cannot work is refused', (fields, message) => {
    expect(refusalOf(() => withS3(fields))).toMatchObject({ message });
  });
  test('temporary credentials, own headers and OSS are taken', () => {
    const more = { sessionToken: 'tmp', metadata: { Show: 'one' }, tagging: 'a=b', contentDisposition: 'attachment' };
    expect(withS3({ ...s3, ...more }).plan.segments?.storage).toMatchObject({
      sessionToken: 'tmp',
      headers: { 'x-amz-meta-show': 'one', 'x-amz-tagging': 'a=b', 'Content-Disposition': 'attachment' },
    });
    const value = new AliOSSUpload({ bucket: 'b', accessKey: 'a', secret: 's', region: 'oss-eu-central-1' });
    const oss = new SegmentedFileOutput({ output: { case: 'aliOSS', value } });
    expect(room({ segmentOutputs: [oss] }).plan.segments?.storage).toMatchObject({
      endpoint: 'https://oss-eu-central-1.aliyuncs.com',
      forcePathStyle: false,
    });
  });
  test('other storages are refused by name, and none at all too', () => {
    const gcp = new SegmentedFileOutput({ output: { case: 'gcp', value: {} } });
    expect(refusalOf(() => room({ segmentOutputs: [gcp] }))).toMatchObject({ message: /Google/ });
    const bare = { ...config, storage: null };
    expect(refusalOf(() => acceptRequest(appRequest(), bare, NOW))).toMatchObject({ message: /no storage/ });
  });
});

test('a participant request keeps who and what', () => {
  const value = new ParticipantEgressRequest({
    roomName: 'r',
    identity: 'host_1',
    screenShare: true,
    segmentOutputs: [feedSegments()],
  });
  const { plan, type, wantsSceneProgram } = of({ kind: 'participant', value });
  expect(type).toBe('participant');
  expect(wantsSceneProgram).toBe(false);
  expect(plan.source).toEqual({ kind: 'participant', identity: 'host_1', screenShare: true });
});

describe('media of the second API', () => {
  const tracks = [
    { id: 'TR_pic', kind: 'video' as const, source: 'camera', identity: 'host_1' },
    { id: 'TR_mic', kind: 'audio' as const, source: 'microphone', identity: 'guest_1' },
  ];
  const media = (source: ConstructorParameters<typeof MediaSource>[0]) => {
    const value = new StartEgressRequest({
      roomName: 'r',
      source: { case: 'media', value: new MediaSource(source) },
      outputs: [new Output({ config: { case: 'file', value: new FileOutput() } })],
    });
    const request = { egressId: 'EG_test1', roomId: 'RM_1', request: { kind: 'v2' as const, value } };
    return acceptRequest(request, config, NOW, tracks).plan;
  };
  const participantVideo = {
    case: 'participantVideo' as const,
    value: { identity: 'host_1', preferScreenShare: true },
  };

  test('is a picture of a person with the sound of others, each where their route puts them', () => {
    const routes = [
      { match: { case: 'participantKind' as const, value: ParticipantInfo_Kind.AGENT }, channel: AudioChannel.LEFT },
      { match: { case: 'trackId' as const, value: 'TR_mic' }, channel: AudioChannel.RIGHT },
    ];
    const plan = media({ video: participantVideo, audio: { routes, captureAll: true } });
    expect(plan.source).toEqual({
      kind: 'media',
      video: { identity: 'host_1', preferScreen: true },
      routes: [
        { of: 'kind', kind: 'agent', channel: 'left' },
        { of: 'track', id: 'TR_mic', channel: 'right' },
        { of: 'all', channel: 'both' },
      ],
    });
    expect([plan.files[0]?.key, plan.audioOnly, plan.videoOnly]).toEqual([
      'host_1-2026-11-21T090507.mp4',
      false,
      false,
    ]);
  });
  test('is sound alone without a picture and a picture alone without sound', () => {
    expect(media({ audio: { captureAll: true } })).toMatchObject({ audioOnly: true, files: [{ container: 'ogg' }] });
    expect(media({ video: { case: 'videoTrackId', value: 'TR_pic' } })).toMatchObject({ videoOnly: true });
  });
  test.each([
    [{}, 'invalid_argument', /neither video nor audio/],
    [{ audio: { routes: [{}] } }, 'invalid_argument', /names nothing/],
    [{ video: { case: 'videoTrackId' as const, value: 'TR_gone' } }, 'not_found', /TR_gone/],
    [{ video: { case: 'videoTrackId' as const, value: 'TR_mic' } }, 'invalid_argument', /no video track/],
    [
      { audio: { routes: [{ match: { case: 'trackId' as const, value: 'TR_pic' } }] } },
      'invalid_argument',
      /track_id TR_pic is no audio track/,
    ],
  ])('is refused by its field where it cannot be', (source, code, message) => {
    expect(refusalOf(() => media(source))).toMatchObject({ code, message });
  });
});

test('a room whose agents or voices are kept apart says so in its plan', () => {
  expect([0, 1, 2].map((audioMixing) => room({ audioMixing }).plan.audio.apart)).toEqual([
    undefined,
    'agents',
    'alternate',
  ]);
});

test('a template of the second API is a room composite', () => {
  const value = new StartEgressRequest({
    roomName: 'r',
    source: { case: 'template', value: new TemplateSource({ layout: 'speaker' }) },
    outputs: [
      new Output({ config: { case: 'stream', value: streamTo('rtmp://h/a/k') } }),
      new Output({ config: { case: 'segments', value: feedSegments() } }),
    ],
  });
  const { plan } = of({ kind: 'v2', value });
  expect(plan).toMatchObject({ source: { kind: 'room', layout: 'speaker' }, segments: { playbackId: 'pb_1' } });
  expect(plan.pushes).toHaveLength(1);
});
