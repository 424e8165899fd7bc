import { existsSync } from 'node:fs';
import { AV_HWDEVICE_TYPE_QSV, Dictionary, FFmpegError, type Frame, HardwareDeviceContext } from 'node-av';
import { inTime, TooLate } from '../../in-time.ts';
import { FrameFilter } from '../frame-filter.ts';
import { copyToFrame } from '../native-frame.ts';
import type { EncoderKind, HardwareKind } from './encoder-kinds.ts';
import { VideoEncoder, type VideoPacket, type VideoSettings } from './video.ts';

/** A driver may hang instead of failing. The call cannot be taken back; what waits for it goes on. */
const OPEN_LIMIT_MS = 6000;
const PICTURE_LIMIT_MS = 2000;
const GREY = 128;

/** An encoder in a GPU, with what carries pictures there. */
export class HardwareEncoder {
  readonly #encoder: VideoEncoder;
  readonly #feed: FrameFilter | null;
  readonly #device: HardwareDeviceContext | null;
  /** A call has not come back: what it works with must stay. */
  #hangs = false;

  private constructor(encoder: VideoEncoder, feed: FrameFilter | null, device: HardwareDeviceContext | null) {
    this.#encoder = encoder;
    this.#feed = feed;
    this.#device = device;
  }

  /**
   * Opens it, and encodes a picture on trial: drivers open what they cannot encode with, and one that held pictures back would break the
   * bounds of parts.
   * @param node DRM render node; null = the driver's first
   * @throws Error with what is wrong
   */
  static async open(settings: VideoSettings, kind: HardwareKind, node: string | null): Promise<HardwareEncoder> {
    let problem: unknown = null;
    for (const variant of kind.variants) {
      try {
        const options = { ...kind.options, ...variant };
        return await inTime(
          HardwareEncoder.#try(settings, { ...kind, options }, node),
          OPEN_LIMIT_MS,
          'it did not open',
        );
      } catch (error) {
        problem ??= error;
        // A driver that hangs would hang with other options too, and the start has 30 s.
        if (error instanceof TooLate) break;
      }
    }
    throw new Error(`${problem instanceof Error ? problem.message : String(problem)}: ${kind.hint}`);
  }

  static async #try(settings: VideoSettings, kind: HardwareKind, node: string | null): Promise<HardwareEncoder> {
    const device = openDevice(kind, node);
    let feed: FrameFilter | null = null;
    try {
      feed = openFeed(settings, kind, device);
      const { width, height } = settings;
      const picture = copyToFrame({ data: Buffer.alloc((width * height * 3) / 2, GREY), width, height });
      const fed = feed ? await feed.run(picture) : picture;
      try {
        const frames = kind.feed === 'upload' ? fed.hwFramesCtx : null;
        const hardware = { device: frames ? null : device, frames };
        await tryOut(settings, kind, hardware, fed);
        return new HardwareEncoder(await VideoEncoder.open(settings, kind, hardware), feed, device);
      } finally {
        if (fed !== picture) fed.free();
        picture.free();
      }
    } catch (error) {
      feed?.close();
      device?.free();
      throw error;
    }
  }

  get name(): string {
    return this.#encoder.name;
  }

  get settings(): VideoSettings {
    return this.#encoder.settings;
  }

  get avcC(): Buffer {
    return this.#encoder.avcC;
  }

  get codecs(): string {
    return this.#encoder.codecs;
  }

  /** As an encoder in memory. @throws also when the device does not answer within 2 s */
  async encode(frame: Frame, place: { pts: number; duration: number; key: boolean }): Promise<VideoPacket[]> {
    return this.#guard(this.#encode(frame, place), 'it did not encode a picture');
  }

  async #guard<Value>(work: Promise<Value>, what: string): Promise<Value> {
    let back = false;
    try {
      return await inTime(
        work.finally(() => {
          back = true;
        }),
        PICTURE_LIMIT_MS,
        what,
      );
    } finally {
      this.#hangs ||= !back;
    }
  }

  async #encode(frame: Frame, place: { pts: number; duration: number; key: boolean }): Promise<VideoPacket[]> {
    const fed = this.#feed ? await this.#feed.run(frame) : frame;
    try {
      return await this.#encoder.encode(fed, place);
    } finally {
      if (fed !== frame) fed.free();
    }
  }

  /** What is still inside; nothing from a device that is gone. */
  async finish(): Promise<VideoPacket[]> {
    return this.#hangs ? [] : this.#guard(this.#encoder.finish(), 'it did not end').catch(() => []);
  }

  close(): void {
    if (this.#hangs) return;
    this.#encoder.close();
    this.#feed?.close();
    this.#device?.free();
  }
}

function openDevice(kind: HardwareKind, node: string | null): HardwareDeviceContext | null {
  if (kind.deviceType === null) return null;
  if (node && !existsSync(node)) throw new Error(`there is no ${node}`);
  const device = new HardwareDeviceContext();
  // Quick Sync's own "device" is an implementation; the render node is that of the VA-API device below it.
  const below = node && kind.deviceType === AV_HWDEVICE_TYPE_QSV ? Dictionary.fromObject({ child_device: node }) : null;
  const code = device.create(kind.deviceType, below ? null : node, below);
  below?.free();
  if (code >= 0) return device;
  device.free();
  throw new FFmpegError(code);
}

function openFeed(settings: VideoSettings, kind: HardwareKind, device: HardwareDeviceContext | null) {
  if (kind.feed === 'as-it-is') return null;
  const toNv12 = { name: 'format', args: 'pix_fmts=nv12' };
  const upload = { name: 'hwupload', args: null, device: device ?? undefined };
  return new FrameFilter(settings, kind.feed === 'upload' ? [toNv12, upload] : [toNv12]);
}

async function tryOut(
  settings: VideoSettings,
  kind: EncoderKind,
  hardware: Parameters<typeof VideoEncoder.open>[2],
  picture: Frame,
): Promise<void> {
  const encoder = await VideoEncoder.open(settings, kind, hardware);
  try {
    const packets = await encoder.encode(picture, { pts: 0, duration: 1, key: true });
    if (packets.length !== 1 || !packets[0]?.key) throw new Error('it does not give a picture at once');
  } finally {
    encoder.close();
  }
}
