import { EgressStatus, ImageFileSuffix, ImageOutput, StreamInfo_Status, StreamOutput } from '@livekit/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../../infra/bench/lib/install.ts';
import { openRtmpSink, type RtmpSink } from '../../../infra/e2e/rtmp-sink.ts';
import { halves, Lab, SMALL } from './fixtures/lab.ts';

/** What can be done with an egress that runs: UpdateLayout, UpdateStream, ListEgress, StopEgress. */
let lab: Lab;
let sink: RtmpSink;
beforeAll(async () => {
  lab = await Lab.open('control');
  sink = await openRtmpSink();
  await sink.start();
});
afterAll(async () => {
  await lab?.close();
  await sink?.close();
});

const start = (outputs: object, layout: string) =>
  lab.egress.startRoomCompositeEgress(lab.roomName, outputs, {
    layout,
    encodingOptions: SMALL,
    webhooks: lab.webhooks,
  });

const RED = { u: 85, v: 255 };
const BLUE = { u: 255, v: 107 };
const isRed = ([red = 0, , blue = 0]: number[]) => red > blue + 30;
const isBlue = ([red = 0, , blue = 0]: number[]) => blue > red + 30;

test('a layout is changed while it plays, a name nobody knows changes nothing', async () => {
  const prefix = `lab/${lab.roomName}/now`;
  await lab.enter('host_red', RED);
  await lab.enter('host_blue', BLUE);
  const images = new ImageOutput({
    filenamePrefix: prefix,
    captureInterval: 1,
    filenameSuffix: ImageFileSuffix.IMAGE_SUFFIX_NONE_OVERWRITE,
  });
  const { egressId } = await start({ images }, 'grid');
  await lab.becomes(egressId, EgressStatus.EGRESS_ACTIVE);
  const seen = async () => halves(await lab.read(`${prefix}.jpeg`));
  const both = async () => {
    const { left, right } = await seen();
    return (isRed(left) && isBlue(right)) || (isBlue(left) && isRed(right));
  };
  const one = async () => {
    const { left, right } = await seen();
    return (isRed(left) && isRed(right)) || (isBlue(left) && isBlue(right));
  };
  await eventually('two people side by side', both);
  const told = await lab.egress.updateLayout(egressId, 'single-speaker');
  expect(told.egressId).toBe(egressId);
  await eventually('one person alone', one);
  await lab.egress.updateLayout(egressId, 'spiral');
  await lab.egress.updateLayout(egressId, 'grid-light');
  await eventually('two people again', both);
  await lab.finish(egressId);
  await expect(lab.egress.updateLayout(egressId, 'grid')).rejects.toMatchObject({ code: 'not_found' });
}, 60_000);

test('streams are added and taken away by their full address, each told alone', async () => {
  const [first, second] = [`${sink.url}/firstsecretkey`, `${sink.url}/secondsecretkey`];
  const { egressId } = await start({ stream: new StreamOutput({ protocol: 1, urls: [first] }) }, 'grid');
  await eventually('the first arrives', async () => (await sink.bytesIn('firstsecretkey')) > 1000);
  await lab.becomes(egressId, EgressStatus.EGRESS_ACTIVE);

  const added = await lab.egress.updateStream(egressId, [second, second], []);
  expect(added.streamResults.map(({ url }) => url)).toEqual([`${sink.url}/{fir...key}`, `${sink.url}/{sec...key}`]);
  await eventually('the second arrives', async () => (await sink.bytesIn('secondsecretkey')) > 1000);
  await eventually('its start is told', async () => (await lab.info(egressId)).streamResults[1]?.startedAt);

  // One wrong address does not undo the rest, and is not repeated.
  const half = lab.egress.updateStream(egressId, ['http://h/wrongsecretkey'], [first, 'rtmp://h/app/neverthere']);
  await expect(half).rejects.toMatchObject({
    code: 'invalid_argument',
    message: expect.stringMatching(/not one of this egress[\s\S]*must begin with rtmp/),
  });
  await expect(half).rejects.not.toMatchObject({ message: expect.stringContaining('wrongsecretkey') });
  const removed = await eventually('the end of the first is told', async () => {
    const [stream] = (await lab.info(egressId)).streamResults;
    return stream?.status === StreamInfo_Status.FINISHED && stream;
  });
  expect(removed.duration > 0n).toBe(true);

  const many = Array.from({ length: 20 }, (_, index) => `rtmp://127.0.0.1:1/live/key${index}`);
  await expect(lab.egress.updateStream(egressId, many, [])).rejects.toMatchObject({
    code: 'invalid_argument',
    message: expect.stringContaining('at most 20'),
  });
  await lab.egress.updateStream(egressId, [], [...many.slice(0, 19), second]);
  const ended = await lab.becomes(egressId, EgressStatus.EGRESS_COMPLETE);
  expect([ended.details, ended.streamResults.length]).toEqual(['End reason: All streams stopped', 21]);
  expect(ended.streamResults.every(({ status }) => status === StreamInfo_Status.FINISHED)).toBe(true);
  await expect(lab.egress.updateStream(egressId, [first], [])).rejects.toMatchObject({ code: 'failed_precondition' });
}, 60_000);

test('egresses are listed by room, by id and by whether they still run; a stop may come twice, a room goes once', async () => {
  const images = (name: string) => ({ images: new ImageOutput({ filenamePrefix: `lab/${lab.roomName}/${name}` }) });
  const [one, two] = await Promise.all([start(images('one'), 'grid'), start(images('two'), 'speaker')]);
  const ids = async (options: object) => (await lab.egress.listEgress(options)).map(({ egressId }) => egressId);
  const pair = [one.egressId, two.egressId].sort();
  expect((await ids({ roomName: lab.roomName, active: true })).sort()).toEqual(pair);
  await Promise.all(pair.map((egressId) => lab.becomes(egressId, EgressStatus.EGRESS_ACTIVE)));
  expect((await lab.egress.stopEgress(one.egressId)).status).toBe(EgressStatus.EGRESS_ENDING);
  const again = await lab.egress.stopEgress(one.egressId).then(
    ({ status }) => EgressStatus[status],
    (error: { code?: string }) => error.code,
  );
  // livekit-server asks the worker only while its record says that the egress runs.
  expect(['EGRESS_ENDING', 'EGRESS_COMPLETE', 'failed_precondition']).toContain(again);
  await lab.becomes(one.egressId, EgressStatus.EGRESS_COMPLETE);
  expect(await ids({ roomName: lab.roomName, active: true })).toEqual([two.egressId]);
  expect(await ids({ egressId: one.egressId })).toEqual([one.egressId]);
  expect(await ids({ roomName: lab.roomName })).toEqual(expect.arrayContaining(pair));
  expect(await ids({ roomName: `${lab.roomName}-other` })).toEqual([]);
  await lab.rooms.deleteRoom(lab.roomName);
  expect((await lab.becomes(two.egressId, EgressStatus.EGRESS_COMPLETE)).details).toBe('End reason: Source closed');
  await expect(lab.egress.stopEgress('EG_nobodyhasit')).rejects.toMatchObject({ code: 'not_found' });
}, 60_000);
