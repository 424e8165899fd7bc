import { expect, test } from 'vitest';
import { type DeskChoice, MediaDesk } from './media-desk.ts';

/** Tracks and devices with the browser's behaviour that the desk relies on. */
class FakeTrack extends EventTarget {
  enabled = true;
  stopped = false;
  constructor(
    readonly kind: string,
    readonly deviceId: string,
  ) {
    super();
  }
  getSettings() {
    return { deviceId: this.deviceId };
  }
  stop() {
    this.stopped = true;
  }
}

function makeDevices(infos: { kind: string; deviceId: string; label: string }[]) {
  const refused = new Map<string, string>();
  const made: FakeTrack[] = [];
  const target = new EventTarget();
  const track = (kind: 'audio' | 'video', wanted: MediaTrackConstraints) => {
    const problem = refused.get(kind);
    if (problem) throw new DOMException('', problem);
    const exact = (wanted.deviceId as { exact?: string } | undefined)?.exact;
    const deviceKind = kind === 'video' ? 'videoinput' : 'audioinput';
    const device = infos.find((info) => info.kind === deviceKind && (!exact || info.deviceId === exact));
    if (!device) throw new DOMException('', exact ? 'OverconstrainedError' : 'NotFoundError');
    const one = new FakeTrack(kind, device.deviceId);
    made.push(one);
    return one;
  };
  const devices = {
    enumerateDevices: async () => infos,
    getUserMedia: async (constraints: MediaStreamConstraints) => {
      const video = constraints.video ? [track('video', constraints.video as MediaTrackConstraints)] : [];
      const audio = constraints.audio ? [track('audio', constraints.audio as MediaTrackConstraints)] : [];
      return { getVideoTracks: () => video, getAudioTracks: () => audio, getTracks: () => [...video, ...audio] };
    },
    getDisplayMedia: async () => {
      throw new DOMException('', 'NotAllowedError');
    },
    addEventListener: target.addEventListener.bind(target),
    removeEventListener: target.removeEventListener.bind(target),
  };
  return { devices: devices as unknown as MediaDevices, infos, refused, made };
}

const TWO_CAMERAS = [
  { kind: 'videoinput', deviceId: 'c1', label: 'Front' },
  { kind: 'videoinput', deviceId: 'c2', label: 'Desk' },
  { kind: 'audioinput', deviceId: 'm1', label: 'Mic' },
];
const NOTHING_KEPT: DeskChoice = { cameraId: null, microphoneId: null, resolution: '720p' };

function open(infos = TWO_CAMERAS, kept = NOTHING_KEPT) {
  const fake = makeDevices([...infos]);
  const keptNow: DeskChoice[] = [];
  const desk = new MediaDesk({ devices: fake.devices, kept, keep: (choice) => keptNow.push(choice) });
  return { ...fake, desk, keptNow };
}

test('the kept camera is opened, and any other one when it is gone', async () => {
  const first = open(TWO_CAMERAS, { ...NOTHING_KEPT, cameraId: 'c2' });
  await first.desk.open();
  expect(first.desk.snapshot()).toMatchObject({
    status: 'on',
    cameraId: 'c2',
    microphoneId: 'm1',
    cameraProblem: null,
  });

  const second = open(TWO_CAMERAS, { ...NOTHING_KEPT, cameraId: 'sold' });
  await second.desk.open();
  expect(second.desk.snapshot()).toMatchObject({ status: 'on', cameraId: 'c1', cameraProblem: null });
});

test('without a camera the microphone still works, and the camera says why not', async () => {
  const { desk } = open(TWO_CAMERAS.slice(2));
  await desk.open();
  expect(desk.snapshot()).toMatchObject({ status: 'on', camera: null, cameraProblem: 'none', microphoneProblem: null });
});

test('a refusal is told for both and leaves nothing open', async () => {
  const { desk, refused } = open();
  refused.set('video', 'NotAllowedError').set('audio', 'NotAllowedError');
  await desk.open();
  expect(desk.snapshot()).toMatchObject({ status: 'idle', cameraProblem: 'denied', microphoneProblem: 'denied' });
});

test('a page without secure context says so', async () => {
  const desk = new MediaDesk({ devices: null, kept: NOTHING_KEPT, keep: () => undefined });
  await desk.open();
  expect(desk.snapshot()).toMatchObject({ status: 'idle', cameraProblem: 'insecure' });
});

test('another camera replaces the first, which is let go, and the choice is kept', async () => {
  const { desk, made, keptNow } = open();
  await desk.open();
  await desk.chooseCamera('c2');
  expect(desk.snapshot().camera?.getSettings().deviceId).toBe('c2');
  expect(made.find((track) => track.deviceId === 'c1')?.stopped).toBe(true);
  expect(keptNow.at(-1)).toMatchObject({ cameraId: 'c2' });
});

test('of two quick choices the last one wins and the other track is not left running', async () => {
  const { desk, made } = open();
  await desk.open();
  await Promise.all([desk.chooseCamera('c2'), desk.chooseCamera('c1')]);
  expect(desk.snapshot().camera?.getSettings().deviceId).toBe('c1');
  expect(made.filter((track) => track.kind === 'video' && !track.stopped)).toHaveLength(1);
});

test('a camera that is pulled out is told at once', async () => {
  const { desk, made } = open();
  await desk.open();
  made.find((track) => track.kind === 'video')?.dispatchEvent(new Event('ended'));
  expect(desk.snapshot()).toMatchObject({ camera: null, cameraProblem: 'gone' });
  expect(desk.snapshot().microphone).not.toBeNull();
});

test('switching the camera off lets the device go, muting the microphone keeps it', async () => {
  const { desk, made } = open();
  await desk.open();
  await desk.switchCamera(false);
  desk.switchMicrophone(false);
  expect(made.map((track) => [track.kind, track.stopped, track.enabled])).toEqual([
    ['video', true, true],
    ['audio', false, false],
  ]);
  await desk.switchCamera(true);
  expect(desk.snapshot().camera).not.toBeNull();
});

test('closing while the person is still being asked leaves no device open', async () => {
  const { desk, made } = open();
  const opening = desk.open();
  desk.close();
  await opening;
  expect(made.every((track) => track.stopped)).toBe(true);
  expect(desk.snapshot().status).toBe('idle');
});

test('closing the screen picker is no problem', async () => {
  const { desk } = open();
  await desk.shareScreen();
  expect(desk.snapshot()).toMatchObject({ screen: null, screenProblem: null });
});
