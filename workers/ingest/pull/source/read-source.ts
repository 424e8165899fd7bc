import { setTimeout as wait } from 'node:timers/promises';
import { AVERROR_EOF, AVSEEK_FLAG_BACKWARD } from 'node-av/constants';
import { Dictionary, FormatContext, InputFormat, Packet } from 'node-av/lib';
import { endOf } from './end-of.ts';
import { knowByFirstPackets } from './first-packets.ts';
import { FlvOut } from './flv-out.ts';
import type { SourceEnd, ToSource } from './messages.ts';

/** A file is read this far ahead of the clock, so that a slow disk or server is no stall, ms. */
const AHEAD_MS = 300;
/** Written as they come: the parent's clock takes the burst away. */
const MAX_BAD_PACKETS = 200;

/**
 * Reads a source to its end and writes it to the parent as FLV. Live sources go through as they come, recorded ones at their own pace.
 * @param onOpened the source answers and its media is known
 */
export async function readSource(input: ToSource, onOpened: () => void): Promise<SourceEnd> {
  const from = new FormatContext();
  const format = input.format ? InputFormat.findInputFormat(input.format) : null;
  const opened = await from.openInput(input.url, format, Dictionary.fromObject(input.options));
  if (opened < 0) return endOf(opened, 'opening');
  const first = input.format === 'mpegts' ? await knowByFirstPackets(from) : null;
  const looked = first ? 0 : await from.findStreamInfo();
  if (looked < 0) return endOf(looked, 'opening');
  const out = await FlvOut.open(from.streams);
  if (out === null) return 'unsupported-codec';
  onOpened();
  const isRecorded = from.duration > 0n;
  const pace = isRecorded ? new Pace() : null;
  const packet = new Packet();
  packet.alloc();
  let bad = 0;
  const pass = async (one: Packet): Promise<void> => {
    const dtsMs = out.place(one);
    if (dtsMs === null) return;
    await pace?.until(dtsMs);
    if (!(await out.write(one))) bad += 1;
  };
  for (const one of first ?? []) {
    await pass(one);
    one.free();
  }
  for (;;) {
    const read = await from.readFrame(packet);
    if (read === AVERROR_EOF) {
      // A camera's stream has no end of its own: FFmpeg calls it one when the connection is cut.
      if (!isRecorded && input.url.startsWith('rtsp')) return 'lost';
      if (!input.loop || !isRecorded) return 'finished';
      if ((await from.seekFrame(-1, from.startTime > 0n ? from.startTime : 0n, AVSEEK_FLAG_BACKWARD)) < 0)
        return 'lost';
      out.beginAgain();
      continue;
    }
    if (read < 0) return endOf(read, 'reading');
    await pass(packet);
    if (bad > MAX_BAD_PACKETS) return 'not-media';
    packet.unref();
  }
}

/** Keeps recorded media to its own speed. */
class Pace {
  private zeroMs: number | null = null;

  async until(dtsMs: number): Promise<void> {
    this.zeroMs ??= performance.now() - dtsMs;
    const early = dtsMs + this.zeroMs - performance.now() - AHEAD_MS;
    if (early > 0) await wait(early);
  }
}
