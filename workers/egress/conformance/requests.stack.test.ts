import {
  AudioConfig,
  AudioRoute,
  DirectFileOutput,
  EgressSourceType,
  EgressStatus,
  EncodedFileOutput,
  EncodingOptions,
  FileOutput,
  ImageOutput,
  MediaSource,
  Output,
  ParticipantVideo,
  S3Upload,
  SegmentedFileOutput,
  StartEgressRequest,
  StorageConfig,
  StreamInfo_Status,
  TemplateSource,
  VideoCodec,
} from '@livekit/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../../infra/bench/lib/install.ts';
import type { RoomPerson } from '../../../infra/bench/lib/room-person.ts';
import { openSoundReceiver } from '../pipeline/output/raw/fixtures/sound-receiver.ts';
import { Lab, SMALL } from './fixtures/lab.ts';

/** Every kind of request but the room composite's, which `outputs` has, through to its end. */
let lab: Lab;
let host: RoomPerson;
beforeAll(async () => {
  lab = await Lab.open('requests');
  host = await lab.enter('host_one');
});
afterAll(() => lab?.close());

const options = () => ({ encodingOptions: SMALL, webhooks: lab.webhooks });
const file = (name: string) => new EncodedFileOutput({ filepath: `lab/${lab.roomName}/${name}` });
const direct = (name: string) => new DirectFileOutput({ filepath: `lab/${lab.roomName}/${name}` });

test('a person, a track composite and single tracks are recorded as they are, until they are stopped or gone', async () => {
  const guest = await lab.enter('guest_one');
  const [person, both, sound, picture] = await Promise.all([
    lab.egress.startParticipantEgress(lab.roomName, 'guest_one', { file: file('{publisher_identity}') }, options()),
    lab.egress.startTrackCompositeEgress(
      lab.roomName,
      { file: file('both') },
      { ...options(), videoTrackId: guest.videoTrackId, audioTrackId: guest.audioTrackId },
    ),
    lab.egress.startTrackEgress(lab.roomName, direct('{track_type}'), guest.audioTrackId, lab.webhooks),
    lab.egress.startTrackEgress(lab.roomName, direct('{track_source}/'), guest.videoTrackId, lab.webhooks),
  ]);
  const all = [person, both, sound, picture];
  expect(all.map(({ request }) => request.case)).toEqual(['participant', 'trackComposite', 'track', 'track']);
  expect(all.map(({ sourceType }) => sourceType)).toEqual(Array(4).fill(EgressSourceType.SDK));
  await Promise.all(all.map(({ egressId }) => lab.plays(egressId, 2)));
  const active = await lab.egress.listEgress({ roomName: lab.roomName, active: true });
  expect(active.map(({ egressId }) => egressId).sort()).toEqual(all.map(({ egressId }) => egressId).sort());

  expect((await lab.finish(sound.egressId)).details).toBe('End reason: StopEgress API');
  await guest.stopCamera();
  await lab.becomes(picture.egressId, EgressStatus.EGRESS_COMPLETE);
  expect((await lab.info(both.egressId)).status).toBe(EgressStatus.EGRESS_ACTIVE);
  await guest.leave();
  const ended = await Promise.all(all.map(({ egressId }) => lab.becomes(egressId, EgressStatus.EGRESS_COMPLETE)));
  for (const { egressId, details } of ended) {
    if (egressId !== sound.egressId) expect(details).toBe('End reason: Source closed');
  }
  const names = ended.map(({ fileResults }) => fileResults[0]?.filename ?? '');
  expect(names.map((name) => name.replace(`lab/${lab.roomName}/`, ''))).toEqual([
    'guest_one.mp4',
    'both.mp4',
    'audio.ogg',
    expect.stringMatching(`^camera/${guest.videoTrackId}-.*\\.mp4$`),
  ]);
  const probed = await Promise.all(names.map((name) => lab.probe(name)));
  expect(probed.map(({ codecs }) => codecs)).toEqual([['h264', 'aac'], ['h264', 'aac'], ['opus'], ['h264']]);
  for (const { seconds } of probed) expect(seconds).toBeGreaterThan(1.5);
  const manifest = JSON.parse(String(await lab.read(`lab/${lab.roomName}/${sound.egressId}.json`)));
  expect(manifest).toMatchObject({
    publisher_identity: 'guest_one',
    track_id: guest.audioTrackId,
    track_kind: 'audio',
    track_source: 'microphone',
  });
  for (const { egressId } of all) {
    await lab.lastHook(egressId);
    expect(lab.events(egressId).filter((event) => event.startsWith('egress_ended'))).toHaveLength(1);
  }
}, 60_000);

test('the second API takes a template or media, several images, and storage of the request', async () => {
  const s3 = new S3Upload({
    accessKey: lab.env.S3_ACCESS_KEY,
    secret: lab.env.S3_SECRET_KEY,
    endpoint: lab.env.S3_ENDPOINT,
    bucket: lab.bucket,
    forcePathStyle: true,
  });
  const v2 = (source: StartEgressRequest['source'], outputs: Output[]) =>
    lab.egress.startEgress(
      new StartEgressRequest({
        roomName: lab.roomName,
        source,
        encoding: { case: 'advanced', value: new EncodingOptions({ ...SMALL, videoCodec: VideoCodec.H264_BASELINE }) },
        outputs,
        storage: new StorageConfig({ provider: { case: 's3', value: s3 } }),
        webhooks: lab.webhooks,
      }),
    );
  const at = (name: string) => `lab/${lab.roomName}/v2/${name}`;
  const images = (name: string, captureInterval: number) =>
    new Output({ config: { case: 'images', value: new ImageOutput({ filenamePrefix: at(name), captureInterval }) } });
  const template = await v2({ case: 'template', value: new TemplateSource({ layout: 'speaker' }) }, [
    new Output({
      config: { case: 'segments', value: new SegmentedFileOutput({ playlistName: at('t'), segmentDuration: 1 }) },
    }),
    images('often', 1),
    images('rarely', 60),
  ]);
  const routes = [new AudioRoute({ match: { case: 'participantIdentity', value: 'host_one' } })];
  const media = new MediaSource({
    video: { case: 'participantVideo', value: new ParticipantVideo({ identity: 'host_one' }) },
    audio: new AudioConfig({ routes }),
  });
  const recorded = await v2({ case: 'media', value: media }, [
    new Output({ config: { case: 'file', value: new FileOutput({ filepath: at('media.mp4') }) } }),
  ]);
  expect([template.request.case, recorded.request.case]).toEqual(['egress', 'egress']);
  expect([template.sourceType, recorded.sourceType]).toEqual([EgressSourceType.WEB, EgressSourceType.SDK]);
  await Promise.all([template, recorded].map(({ egressId }) => lab.plays(egressId, 2.5)));
  const [segmented, filed] = await Promise.all([template, recorded].map(({ egressId }) => lab.finish(egressId)));
  expect(segmented?.segmentResults[0]?.segmentCount).toBeGreaterThan(1n);
  const counts = segmented?.imageResults.map(({ imageCount }) => imageCount) ?? [];
  expect([counts.length, (counts[0] ?? 0n) > 1n, counts[1]]).toEqual([2, true, 1n]);
  const { streams } = await lab.probe(at('media.mp4'));
  expect(streams[0]).toMatchObject({ codec_name: 'h264', profile: 'Constrained Baseline' });
  expect(filed?.fileResults[0]?.filename).toBe(at('media.mp4'));
}, 60_000);

test('the raw sound of a track goes to a websocket, and being muted is said', async () => {
  const receiver = await openSoundReceiver();
  try {
    const { egressId, streamResults } = await lab.egress.startTrackEgress(
      lab.roomName,
      receiver.url,
      host.audioTrackId,
      lab.webhooks,
    );
    expect(streamResults[0]?.url).toMatch(/^ws:\/\/127\.0\.0\.1:\d+\/listen\?\{\.\.\.\}$/);
    const said = (opcode: number) => receiver.messages.filter((message) => message.opcode === opcode);
    await eventually('some sound', async () => said(2).some(({ payload }) => payload.some((byte) => byte !== 0)));
    expect(said(2)[0]?.payload.length).toBe(4096);
    await lab.rooms.mutePublishedTrack(lab.roomName, 'host_one', host.audioTrackId, true);
    await eventually('muted', async () => said(1).some(({ payload }) => String(payload) === '{"muted":true}'));
    const ended = await lab.finish(egressId);
    expect(ended.streamResults[0]).toMatchObject({ status: StreamInfo_Status.FINISHED, error: '' });
    expect(receiver.messages.at(-1)?.opcode).toBe(8);
    expect((await lab.lastHook(egressId)).toJsonString()).not.toContain('secrettoken');
  } finally {
    receiver.close();
  }
}, 60_000);
