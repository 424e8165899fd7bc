/**
 * `npm run lk-egress`: starts, updates, lists and stops each kind of egress of a running install with livekit-server-sdk alone, as any
 * program for LiveKit would, and prints what came of it and which webhooks were sent. Ends with 1 when one of them did not end well.
 */
import {
  DirectFileOutput,
  type EgressInfo,
  EgressStatus,
  EncodedFileOutput,
  EncodingOptions,
  FileOutput,
  ImageOutput,
  MediaSource,
  Output,
  ParticipantVideo,
  SegmentedFileOutput,
  StartEgressRequest,
  StreamOutput,
  TemplateSource,
} from 'livekit-server-sdk';
import { Lab } from '../../workers/egress/conformance/fixtures/lab.ts';
import { openSoundReceiver } from '../../workers/egress/pipeline/output/raw/fixtures/sound-receiver.ts';
import { openRtmpSink } from './rtmp-sink.ts';

const PLAY_S = 4;
const lab = await Lab.open('lk-egress');
const { egress, roomName, webhooks } = lab;
const host = await lab.enter('host_one');
const sink = await openRtmpSink();
const receiver = await openSoundReceiver();
await sink.start();

const encodingOptions = new EncodingOptions({ width: 640, height: 360, framerate: 30, videoBitrate: 800 });
const options = { encodingOptions, webhooks };
const at = (name: string) => `lk/${roomName}/${name}`;
const file = (name: string) => new EncodedFileOutput({ filepath: at(name) });
const segments = (name: string) => new SegmentedFileOutput({ playlistName: at(name), segmentDuration: 2 });
const stream = (key: string) => new StreamOutput({ protocol: 1, urls: [`${sink.url}/${key}`] });
const encoding = { case: 'advanced' as const, value: encodingOptions };
const media = new MediaSource({
  video: { case: 'participantVideo', value: new ParticipantVideo({ identity: 'host_one' }) },
  audio: { routes: [{ match: { case: 'trackId', value: host.audioTrackId } }] },
});

type Kind = { name: string; start(): Promise<EgressInfo>; update?(egressId: string): Promise<unknown> };
const kinds: Kind[] = [
  {
    name: 'RoomComposite: file, segments, stream, images',
    start: () =>
      egress.startRoomCompositeEgress(
        roomName,
        {
          file: file('room'),
          segments: segments('room-hls'),
          stream: stream('first'),
          images: new ImageOutput({ filenamePrefix: at('room-img'), captureInterval: 1 }),
        },
        { ...options, layout: 'grid' },
      ),
    async update(egressId) {
      await egress.updateLayout(egressId, 'speaker');
      await egress.updateStream(egressId, [`${sink.url}/second`], [`${sink.url}/first`]);
    },
  },
  {
    name: 'RoomComposite: sound alone, OGG',
    start: () => egress.startRoomCompositeEgress(roomName, file('sound'), { audioOnly: true, webhooks }),
  },
  {
    name: 'RoomComposite: stream alone',
    start: () => egress.startRoomCompositeEgress(roomName, stream('alone'), { ...options, layout: 'speaker' }),
    update: (egressId) => egress.updateStream(egressId, [`${sink.url}/more`], []),
  },
  {
    name: 'Participant: file',
    start: () => egress.startParticipantEgress(roomName, 'host_one', { file: file('person') }, options),
  },
  {
    name: 'TrackComposite: segments',
    start: () =>
      egress.startTrackCompositeEgress(roomName, segments('tracks'), {
        ...options,
        videoTrackId: host.videoTrackId,
        audioTrackId: host.audioTrackId,
      }),
  },
  {
    name: 'Track: sound',
    start: () =>
      egress.startTrackEgress(roomName, new DirectFileOutput({ filepath: at('mic') }), host.audioTrackId, webhooks),
  },
  {
    name: 'Track: picture',
    start: () =>
      egress.startTrackEgress(roomName, new DirectFileOutput({ filepath: at('cam') }), host.videoTrackId, webhooks),
  },
  {
    name: 'Track: raw sound over a websocket',
    start: () => egress.startTrackEgress(roomName, receiver.url, host.audioTrackId, webhooks),
  },
  {
    name: 'v2 template: segments',
    start: () =>
      egress.startEgress(
        new StartEgressRequest({
          roomName,
          source: { case: 'template', value: new TemplateSource({ layout: 'grid' }) },
          encoding,
          outputs: [new Output({ config: { case: 'segments', value: segments('v2') } })],
          webhooks,
        }),
      ),
    update: (egressId) => egress.updateLayout(egressId, 'single-speaker'),
  },
  {
    name: 'v2 media: file',
    start: () =>
      egress.startEgress(
        new StartEgressRequest({
          roomName,
          source: { case: 'media', value: media },
          encoding,
          outputs: [new Output({ config: { case: 'file', value: new FileOutput({ filepath: at('v2.mp4') }) } })],
          webhooks,
        }),
      ),
  },
];

/** Through its whole life. @returns what LiveKit says of it at the end */
async function live({ start, update }: Kind): Promise<EgressInfo> {
  const { egressId } = await start();
  await lab.becomes(egressId, EgressStatus.EGRESS_ACTIVE);
  const listed = await egress.listEgress({ roomName, active: true });
  if (!listed.some((one) => one.egressId === egressId)) throw new Error('ListEgress does not know it');
  await update?.(egressId);
  await lab.plays(egressId, PLAY_S);
  await lab.finish(egressId);
  return lab.lastHook(egressId);
}

function resultsOf({ fileResults, segmentResults, streamResults, imageResults }: EgressInfo): string {
  const seconds = (ns: bigint) => `${(Number(ns) / 1e9).toFixed(1)} s`;
  return [
    ...fileResults.map(({ filename, size, duration }) => {
      return `${filename.slice(filename.lastIndexOf('/') + 1)} ${(Number(size) / 1000).toFixed(0)} kB ${seconds(duration)}`;
    }),
    ...segmentResults.map(({ segmentCount, duration }) => `${segmentCount} segments ${seconds(duration)}`),
    ...streamResults.map(({ url, duration }) => `${url.slice(url.lastIndexOf('/') + 1)} ${seconds(duration)}`),
    ...imageResults.map(({ imageCount }) => `${imageCount} images`),
  ].join(', ');
}

let failed = 0;
try {
  for (const kind of kinds) {
    try {
      const info = await live(kind);
      console.log(`ok   ${kind.name}`);
      console.log(`     ${resultsOf(info)}`);
      console.log(`     ${lab.events(info.egressId).join(' → ').replaceAll('EGRESS_', '').toLowerCase()}`);
    } catch (error) {
      failed += 1;
      console.log(`FAIL ${kind.name}\n     ${error instanceof Error ? error.message : String(error)}`);
    }
  }
} finally {
  await lab.close();
  await sink.close();
  receiver.close();
}
console.log(`${kinds.length - failed} of ${kinds.length} kinds of egress ended well`);
// The native library of the person in the room keeps the process alive.
process.exit(failed === 0 ? 0 : 1);
