import '../native.ts';
import { AV_PIX_FMT_NV12 } from 'node-av';
import { afterEach, expect, test, vi } from 'vitest';
import { copyToFrame } from '../native-frame.ts';
import { type HardwareKind, x264 } from './encoder-kinds.ts';
import { HardwareEncoder } from './hardware-encoder.ts';
import { VideoEncoder } from './video.ts';

/** What is around an encoder in a GPU, with x264 in its place: it takes NV12 as well. */
const SETTINGS = { width: 320, height: 180, fps: 30, bitrateKbps: 300 };
const KIND: HardwareKind = {
  ...x264('veryfast'),
  pixelFormat: AV_PIX_FMT_NV12,
  feed: 'nv12',
  deviceType: null,
  variants: [{}],
  hint: 'no such chip',
};

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const picture = (luma: number) => {
  const { width, height } = SETTINGS;
  const data = Buffer.alloc((width * height * 3) / 2, 128);
  data.fill(luma, 0, width * height);
  return copyToFrame({ data, width, height });
};

test('pictures are turned into what the chip takes, and come out at once with key frames where they are asked for', async () => {
  const encoder = await HardwareEncoder.open(SETTINGS, KIND, null);
  const keys: [number, boolean][] = [];
  for (let pts = 0; pts < 12; pts++) {
    const frame = picture(60 + pts);
    const packets = await encoder.encode(frame, { pts, duration: 1, key: pts % 5 === 0 });
    frame.free();
    expect(packets).toHaveLength(1);
    keys.push(...packets.map((packet): [number, boolean] => [packet.pts, packet.key]));
  }
  expect(keys.filter(([, key]) => key).map(([pts]) => pts)).toEqual([0, 5, 10]);
  expect(await encoder.finish()).toEqual([]);
  encoder.close();
});

test('chips differ: what one variant of the options does not open, the next one may', async () => {
  const variants = [{ preset: 'no-such-preset' }, { preset: 'ultrafast' }];
  const encoder = await HardwareEncoder.open(SETTINGS, { ...KIND, variants }, null);
  expect(encoder.avcC.length).toBeGreaterThan(10);
  encoder.close();
  const none = { ...KIND, variants: variants.slice(0, 1) };
  await expect(HardwareEncoder.open(SETTINGS, none, null)).rejects.toThrow(/^open libx264: .*: no such chip$/);
});

test('an encoder that holds pictures back is not taken: parts would end late', async () => {
  const { tune: _, ...options } = KIND.options;
  await expect(HardwareEncoder.open(SETTINGS, { ...KIND, options }, null)).rejects.toThrow(
    'it does not give a picture at once: no such chip',
  );
});

test('a driver that hangs is an encoder that failed, and what it still works with is left alone', async () => {
  const encoder = await HardwareEncoder.open(SETTINGS, KIND, null);
  vi.useFakeTimers();
  vi.spyOn(VideoEncoder.prototype, 'encode').mockReturnValue(new Promise(() => {}));
  const closed = vi.spyOn(VideoEncoder.prototype, 'close');
  const frame = picture(90);
  const failed = expect(encoder.encode(frame, { pts: 0, duration: 1, key: true })).rejects.toThrow(
    'it did not encode a picture in 2 s',
  );
  await vi.advanceTimersByTimeAsync(50);
  await vi.advanceTimersByTimeAsync(2000);
  await failed;
  expect(await encoder.finish()).toEqual([]);
  encoder.close();
  expect(closed).not.toHaveBeenCalled();
});
