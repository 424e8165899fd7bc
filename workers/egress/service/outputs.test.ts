import {
  DirectFileOutput,
  EncodedFileOutput,
  EncodedFileType,
  ImageOutput,
  type RoomCompositeEgressRequest,
  SegmentedFileOutput,
  StreamOutput,
  StreamProtocol,
  TrackCompositeEgressRequest,
  TrackEgressRequest,
} from '@livekit/protocol';
import { describe, expect, test } from 'vitest';
import { appRequest, refusalOf, streamTo, testConfig } from './fixtures/requests.ts';
import { acceptRequest, type TrackFacts } from './requests.ts';
import type { WireRequest } from './start-request.ts';

const config = testConfig();
const NOW = Date.UTC(2026, 10, 21, 9, 5, 7, 42);
const room = (fields: Partial<RoomCompositeEgressRequest>) =>
  acceptRequest(appRequest('EG_test1', 'ch_1', [], fields), config, NOW);

describe('names of segments', () => {
  const named = (fields: object) => {
    const { plan, segmentNames } = room({ layout: 'grid', segmentOutputs: [new SegmentedFileOutput(fields)] });
    return { ...segmentNames, ...plan.segments, feed: plan.segments?.playbackId };
  };
  test('templates are filled in UTC and nothing climbs out of its place', () => {
    expect(named({ filenamePrefix: '../../{room_name}/{time}/{utc}', playlistName: 'show.v2' })).toMatchObject({
      prefix: 'ch_1/2026-11-21T090507/20261121090507042',
      playlistName: 'ch_1/2026-11-21T090507/show.v2.m3u8',
      feed: null,
    });
  });
  test.each([
    [{ playlistName: 'a/show.m3u8' }, 'a/show', 'a/show.m3u8'],
    [{ filenamePrefix: 'a/show' }, 'a/show', 'a/show.m3u8'],
    [{ filenamePrefix: 'a/seg/s', playlistName: 'a/show' }, 'a/seg/s', 'a/show.m3u8'],
    [{ filenamePrefix: 'seg/s', playlistName: 'a/show' }, 'a/seg/s', 'a/show.m3u8'],
    [{ filenamePrefix: 'a/' }, 'a/ch_1-2026-11-21T090507', 'a/ch_1-2026-11-21T090507.m3u8'],
    [{}, 'ch_1-2026-11-21T090507', 'ch_1-2026-11-21T090507.m3u8'],
  ])('%j: a missing name is taken from the other', (fields, prefix, playlistName) => {
    expect(named(fields)).toMatchObject({ prefix, playlistName, format: 'ts', suffix: 'index' });
  });
  test('the live playlist lies beside the playlist, elsewhere or under its name it is refused', () => {
    expect(named({ playlistName: 'a/show', livePlaylistName: 'live' }).playlists).toEqual({
      full: 'a/show.m3u8',
      live: 'a/live.m3u8',
    });
    for (const livePlaylistName of ['b/live', 'show']) {
      expect(refusalOf(() => named({ playlistName: 'a/show', livePlaylistName }))).toMatchObject({
        code: 'invalid_argument',
        message: /live_playlist_name/,
      });
    }
  });
  test("the app's own prefix is a feed in CMAF, one that only looks like it is a plain request", () => {
    expect(named({ filenamePrefix: 'media/pb_1/' })).toMatchObject({ feed: 'pb_1', format: 'cmaf', playlists: null });
    expect(named({ filenamePrefix: 'media/../etc/' })).toMatchObject({ feed: null, format: 'ts' });
    expect(named({ filenamePrefix: 'media/pb_1/extra/' }).feed).toBeNull();
  });
});

describe('files', () => {
  const file = (fields: object, more: Partial<RoomCompositeEgressRequest> = {}) => {
    const { plan, fileNames } = room({
      layout: 'grid',
      segmentOutputs: [],
      fileOutputs: [new EncodedFileOutput(fields)],
      ...more,
    });
    return { ...plan.files[0], name: fileNames[0] };
  };
  test.each([
    ['', 'ch_1-2026-11-21T090507.mp4'],
    ['shows/', 'shows/ch_1-2026-11-21T090507.mp4'],
    ['{room_name}/take', 'ch_1/take.mp4'],
    ['take.ogg', 'take.mp4'],
    ['take.v2', 'take.v2.mp4'],
    ['../../take.mp4', 'take.mp4'],
  ])('the path "%s" becomes %s', (filepath, key) => {
    expect(file({ filepath })).toMatchObject({ key, name: key, container: 'mp4' });
  });
  test('sound alone is OGG, or MP4 where another output takes AAC', () => {
    expect(file({}, { audioOnly: true })).toMatchObject({ container: 'ogg', key: expect.stringMatching(/\.ogg$/) });
    const also = { audioOnly: true, streamOutputs: [streamTo('rtmp://h/a/k')] };
    expect(file({}, also)).toMatchObject({ container: 'm4a', key: expect.stringMatching(/\.mp4$/) });
    expect(file({ fileType: EncodedFileType.MP3 }, { audioOnly: true }).container).toBe('mp3');
  });
  test.each([EncodedFileType.OGG, EncodedFileType.MP3])('a picture does not go into type %i', (fileType) => {
    expect(refusalOf(() => file({ fileType }))).toMatchObject({
      code: 'invalid_argument',
      message: /takes sound alone/,
    });
  });
  test("egress.yaml's prefix stands before the key and not in the name", () => {
    const prefixed = { ...config, storagePrefix: 'all/' };
    const request = appRequest('EG_test1', 'ch_1', [], {
      segmentOutputs: [],
      fileOutputs: [new EncodedFileOutput({ filepath: 'take' })],
    });
    const { plan, fileNames } = acceptRequest(request, prefixed, NOW);
    expect([plan.files[0]?.key, fileNames[0], plan.manifest?.key]).toEqual([
      'all/take.mp4',
      'take.mp4',
      'all/EG_test1.json',
    ]);
  });
});

test("egress.yaml's backup stands behind every output but that of a show of our own", () => {
  const spare = testConfig('backup: { s3: { access_key: a, secret: another-one, bucket: spare } }');
  expect(spare.backup).toMatchObject({ bucket: 'spare', endpoint: 'https://s3.us-east-1.amazonaws.com' });
  const accepted = (more: Partial<RoomCompositeEgressRequest>) =>
    acceptRequest(appRequest('EG_test1', 'ch_1', [], more), spare, NOW).plan;
  const { files, segments } = accepted({ fileOutputs: [new EncodedFileOutput()] });
  expect(files[0]?.storage).toMatchObject({ bucket: 'openair', backup: { bucket: 'spare' } });
  expect(segments?.storage.backup).toBeUndefined();
  const plain = accepted({ segmentOutputs: [new SegmentedFileOutput({ filenamePrefix: 'a/b' })] });
  expect(plain.segments?.storage.backup).toMatchObject({ bucket: 'spare' });
});

describe('images', () => {
  test('alone they mean a picture without sound, JPEG every ten seconds', () => {
    const { plan } = room({
      segmentOutputs: [],
      imageOutputs: [new ImageOutput({ filenamePrefix: 'thumbs/{room_name}' })],
    });
    expect(plan).toMatchObject({
      videoOnly: true,
      images: [{ intervalS: 10, prefix: 'thumbs/ch_1', suffix: 'index', extension: '.jpeg' }],
    });
  });
  test('an impossible size is refused by name', () => {
    const imageOutputs = [new ImageOutput({ width: 33 })];
    expect(refusalOf(() => room({ imageOutputs }))).toMatchObject({ message: /width of images/ });
  });
});

describe('tracks', () => {
  const tracks: TrackFacts[] = [
    { id: 'TR_pic', kind: 'video', source: 'camera', identity: 'host_1' },
    { id: 'TR_mic', kind: 'audio', source: 'microphone', identity: 'host_1' },
  ];
  const withTracks = (request: WireRequest) =>
    acceptRequest({ egressId: 'EG_test1', roomId: 'RM_1', request }, config, NOW, tracks);
  const track = (trackId: string, filepath = '') =>
    withTracks({
      kind: 'track',
      value: new TrackEgressRequest({
        roomName: 'r',
        trackId,
        output: { case: 'file', value: new DirectFileOutput({ filepath }) },
      }),
    });
  const composite = (videoTrackId: string, audioTrackId: string) =>
    withTracks({
      kind: 'trackComposite',
      value: new TrackCompositeEgressRequest({
        roomName: 'r',
        videoTrackId,
        audioTrackId,
        fileOutputs: [new EncodedFileOutput()],
      }),
    });

  test('a track egress is sound or picture as the track is, and named after it', () => {
    expect(track('TR_mic').plan).toMatchObject({
      audioOnly: true,
      source: { kind: 'tracks', videoTrackId: null, audioTrackIds: ['TR_mic'] },
      files: [{ container: 'ogg', key: 'TR_mic-2026-11-21T090507.ogg' }],
    });
    expect(track('TR_pic', '{publisher_identity}-{track_type}-{track_source}').plan).toMatchObject({
      videoOnly: true,
      files: [{ container: 'mp4', key: 'host_1-video-camera.mp4' }],
    });
  });
  test('the raw sound of a track goes to a ws address, and neither a picture nor a file goes there', () => {
    const raw = (trackId: string, url: string) =>
      withTracks({
        kind: 'track',
        value: new TrackEgressRequest({ roomName: 'r', trackId, output: { case: 'websocketUrl', value: url } }),
      }).plan;
    expect(raw('TR_mic', 'wss://h/x?token=1')).toMatchObject({ websocketUrl: 'wss://h/x?token=1', files: [] });
    expect(refusalOf(() => raw('TR_pic', 'wss://h/x'))).toMatchObject({ message: /the request has a picture/ });
    expect(refusalOf(() => raw('TR_mic', 'https://h/x'))).toMatchObject({ message: /must be a ws:/ });
  });
  test('a stream output over websocket is the same', () => {
    const stream = (protocol: StreamProtocol, ...urls: string[]) =>
      room({ audioOnly: true, segmentOutputs: [], streamOutputs: [new StreamOutput({ protocol, urls })] }).plan;
    const { DEFAULT_PROTOCOL, WEBSOCKET } = StreamProtocol;
    for (const protocol of [DEFAULT_PROTOCOL, WEBSOCKET]) {
      expect(stream(protocol, ' ws://h/x ')).toMatchObject({ websocketUrl: 'ws://h/x', pushes: [] });
    }
    expect(refusalOf(() => stream(WEBSOCKET, 'ws://h/x', 'ws://h/y'))).toMatchObject({ message: /exactly one url/ });
    expect(refusalOf(() => stream(WEBSOCKET, 'rtmp://h/a/b'))).toMatchObject({ message: /must be a ws:/ });
  });
  test('a track composite takes one of each', () => {
    expect(composite('TR_pic', 'TR_mic').plan).toMatchObject({
      audioOnly: false,
      videoOnly: false,
      source: { videoTrackId: 'TR_pic', audioTrackIds: ['TR_mic'] },
    });
    expect(composite('', 'TR_mic').plan.audioOnly).toBe(true);
  });
  test('tracks that are not there or of the wrong kind are refused by name', () => {
    expect(refusalOf(() => track('TR_gone'))).toMatchObject({ code: 'not_found', message: /TR_gone/ });
    expect(refusalOf(() => composite('TR_mic', ''))).toMatchObject({
      code: 'invalid_argument',
      message: /video_track_id/,
    });
  });
});
