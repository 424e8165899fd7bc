import {
  AV_CHANNEL_LAYOUT_STEREO,
  AV_CODEC_ID_AAC,
  AV_CODEC_ID_H264,
  AVMEDIA_TYPE_AUDIO,
  AVMEDIA_TYPE_VIDEO,
} from 'node-av/constants';
import { type FormatContext, Packet, type Stream } from 'node-av/lib';
import { parseSps } from '../../publish/h264.ts';
import { parameterSets, readAdtsRate } from './elementary.ts';

/** A key frame comes within this many packets, or the usual look has to do. */
const MOST_PACKETS = 2_000;
/** Sound that has not come when so many pictures are there is told by its own headers later. */
const PICTURES_WITHOUT_SOUND = 15;
const USUAL_RATE = 48_000;

/**
 * Knows an MPEG-TS of H.264 and AAC by its first key frame and its first sound. FFmpeg's own look decodes pictures and waits for more streams,
 * 0.3 to 0.6 s, to find out what the parameter sets say.
 * @returns the packets read, oldest first, to be handled before any other; null when FFmpeg has to look itself
 */
export async function knowByFirstPackets(from: FormatContext): Promise<Packet[] | null> {
  const unknown = new Map<number, Stream>();
  for (const stream of from.streams) {
    const { codecType, codecId } = stream.codecpar;
    if (codecType !== AVMEDIA_TYPE_VIDEO && codecType !== AVMEDIA_TYPE_AUDIO) continue;
    if (codecId !== AV_CODEC_ID_H264 && codecId !== AV_CODEC_ID_AAC) return null;
    unknown.set(stream.index, stream);
  }
  if (unknown.size === 0) return null;
  const packets: Packet[] = [];
  // Set when all has been read: FFmpeg's next read forgets what was set before it.
  const learnt: (() => void)[] = [];
  let pictures = 0;
  while (unknown.size > 0 && packets.length < MOST_PACKETS) {
    const packet = new Packet();
    packet.alloc();
    if ((await from.readFrame(packet)) < 0) {
      packet.free();
      break;
    }
    packets.push(packet);
    const stream = unknown.get(packet.streamIndex);
    const set = stream && learn(stream, packet.data);
    if (stream && set) {
      learnt.push(set);
      unknown.delete(stream.index);
    } else if (!stream && from.streams[packet.streamIndex]?.codecpar.codecType === AVMEDIA_TYPE_VIDEO) {
      pictures += 1;
    }
    if (pictures < PICTURES_WITHOUT_SOUND) continue;
    for (const { index, codecpar } of unknown.values()) {
      if (codecpar.codecType !== AVMEDIA_TYPE_AUDIO) continue;
      learnt.push(() => setSound(codecpar, USUAL_RATE));
      unknown.delete(index);
    }
  }
  if (unknown.size === 0) {
    for (const set of learnt) set();
    return packets;
  }
  for (const packet of packets) packet.free();
  return null;
}

/** @returns what writes down all that a muxer has to know, once a packet says it; null for one that does not */
function learn({ codecpar }: Stream, data: Buffer | null): (() => void) | null {
  if (data === null) return null;
  if (codecpar.codecType === AVMEDIA_TYPE_AUDIO) {
    const rate = readAdtsRate(data);
    return rate === null ? null : () => setSound(codecpar, rate);
  }
  const sets = parameterSets(data);
  const size = sets && parseSps(sets.sps);
  if (!sets || !size) return null;
  return () => {
    codecpar.extradata = sets.extradata;
    codecpar.width = size.width;
    codecpar.height = size.height;
  };
}

/** FLV tells nothing of it for AAC, whose own configuration does; the muxer only wants it set. */
function setSound(codecpar: Stream['codecpar'], rate: number): void {
  codecpar.sampleRate = rate;
  codecpar.channelLayout = AV_CHANNEL_LAYOUT_STEREO;
}
