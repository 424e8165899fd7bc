import { parseAudioTag, parseVideoTag } from './flv.ts';
import { readMetadata } from './metadata.ts';
import { Meter } from './meter.ts';
import { OpusEncoder } from './opus.ts';
import { PicturePath } from './picture.ts';
import { RoomLink } from './room-link.ts';
import { SoundPath } from './sound.ts';
import { Timeline } from './timeline.ts';
import { type ChildMessage, FRAME_KIND, type MediaFrame } from './wire.ts';

const TICK_MS = 20;
const FACTS_EVERY_MS = 2_000;
const DEFAULT_FPS = 30;

export type PublishRun = { onFrame(frame: MediaFrame): void; reconnect(): void; close(): Promise<void> };

/**
 * One ingest in its child process: tags of the encoder in, one participant in the room out. Encoders may come and go; the
 * participant, its clock and its sound (silence) go on.
 */
export async function runPublish(options: {
  whipUrl: string;
  requestToken(): Promise<string>;
  say(message: ChildMessage): void;
}): Promise<PublishRun> {
  const { say } = options;
  const log = (level: 'info' | 'warn' | 'error', text: string) => say({ say: 'log', level, text });
  const timeline = new Timeline();
  const pictureMeter = new Meter();
  const soundMeter = new Meter();
  let encoder = '';
  let fpsTold = 0;

  const link: RoomLink = new RoomLink({
    url: options.whipUrl,
    requestToken: options.requestToken,
    say,
    onConnected: () => picture.connected(link.nowMs()),
  });
  const fps = () => {
    const measured = pictureMeter.read().perSecond;
    return Math.min(120, Math.max(5, Math.round(measured || fpsTold || DEFAULT_FPS)));
  };
  const picture: PicturePath = new PicturePath({
    write: (data, ptsMs, isKey) => link.writeVideo(data, ptsMs, isKey),
    log,
    fps,
    onDecision: () => tellFacts(),
  });
  const sound = new SoundPath(await OpusEncoder.open(), { write: (opus, pts) => link.writeOpus(opus, pts), log });

  function tellFacts(): void {
    const seen = pictureMeter.read();
    const { decision, size } = picture;
    const video = decision
      ? {
          codec: picture.codecName,
          width: size?.width ?? 0,
          height: size?.height ?? 0,
          fps: Math.round((seen.perSecond || fpsTold) * 10) / 10,
          bitrateKbps: seen.kbps,
        }
      : null;
    say({
      say: 'facts',
      facts: {
        video,
        audio: sound.facts ? { ...sound.facts, bitrateKbps: soundMeter.read().kbps } : null,
        mode: decision && decision.mode !== 'refuse' ? decision.mode : null,
        reason: decision?.reason ?? '',
        advice: decision?.advice ?? '',
        encoder,
        droppedPictures: picture.dropped,
      },
    });
  }

  function onVideo(frame: MediaFrame): void {
    const tag = parseVideoTag(frame.body);
    if (!tag) return;
    const dtsMs = timeline.map(frame.timestampMs, link.nowMs());
    if (tag.kind === 'frame') pictureMeter.add(tag.data.length, frame.timestampMs);
    picture.push(tag, dtsMs);
  }

  function onAudio(frame: MediaFrame): void {
    const tag = parseAudioTag(frame.body);
    if (!tag) return;
    const atMs = timeline.map(frame.timestampMs, link.nowMs());
    if (tag.kind === 'frame') soundMeter.add(tag.data.length, frame.timestampMs);
    sound.push(tag, atMs);
  }

  function onEncoder(): void {
    timeline.begin();
    picture.encoderChanged();
    sound.encoderChanged();
    pictureMeter.reset();
    soundMeter.reset();
    encoder = '';
    fpsTold = 0;
  }

  const ticking = setInterval(() => {
    if (link.isConnected()) sound.tick(link.nowMs());
  }, TICK_MS);
  const telling = setInterval(tellFacts, FACTS_EVERY_MS);
  void link.connect();

  return {
    onFrame(frame) {
      if (frame.kind === FRAME_KIND.video) onVideo(frame);
      else if (frame.kind === FRAME_KIND.audio) onAudio(frame);
      else if (frame.kind === FRAME_KIND.on || frame.kind === FRAME_KIND.off) onEncoder();
      else if (frame.kind === FRAME_KIND.data) {
        const told = readMetadata(frame.body);
        encoder = told.encoder || encoder;
        fpsTold = told.fps || fpsTold;
      }
    },
    reconnect: () => link.reconnect(),
    async close() {
      clearInterval(ticking);
      clearInterval(telling);
      await link.close();
      picture.close();
      sound.close();
    },
  };
}
