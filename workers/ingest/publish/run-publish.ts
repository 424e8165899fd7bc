import { type EncodingWishes, layersOf } from './encoding-wish.ts';
import { parseAudioTags, parseVideoTags } from './flv.ts';
import { streamRate } from './frame-rate.ts';
import { watchHeldUp } from './held-up.ts';
import { readMetadata } from './metadata.ts';
import { Meter } from './meter.ts';
import { OpusEncoder } from './opus.ts';
import { PicturePath } from './picture.ts';
import { watchProcessor } from './processor.ts';
import { RoomLink } from './room-link.ts';
import { SoundPath } from './sound.ts';
import { Timeline } from './timeline.ts';
import { TranscodeLeave } from './transcode-leave.ts';
import { type ChildMessage, FRAME_KIND, type MediaFrame } from './wire.ts';

const TICK_MS = 20;
const FACTS_EVERY_MS = 1_000;
const DEFAULT_FPS = 30;
const LATE_MS = 500;

export type PublishRun = {
  onFrame(frame: MediaFrame): void;
  reconnect(): void;
  /** @param refusal why no transcode may begin; empty when it may */
  answerTranscode(refusal: string): void;
  close(): Promise<void>;
};

/**
 * One ingest in its child process: tags of the encoder in, one participant in the room out. Encoders may come and go; the
 * participant, its clock and its sound (silence) go on.
 */
export async function runPublish(options: {
  /** livekit-server, `ws:` or `wss:`. */
  serverUrl: string;
  wishes: EncodingWishes;
  requestToken(): Promise<string>;
  say(message: ChildMessage): void;
}): Promise<PublishRun> {
  const { say, wishes } = options;
  const log = (level: 'info' | 'warn' | 'error', text: string) => say({ say: 'log', level, text });
  const timeline = new Timeline();
  const leave = new TranscodeLeave((cores) => say({ say: 'transcode-wanted', cores }));
  const processor = watchProcessor();
  const heldUp = watchHeldUp();
  const pictureMeter = new Meter();
  const soundMeter = new Meter();
  let encoder = '';
  let fpsTold = 0;
  let lateTags = 0;
  let lateMs = 0;
  let heldUpBeforeMs = 0;
  let cpu = process.cpuUsage();
  let cpuAtMs = performance.now();

  const link: RoomLink = new RoomLink({
    url: options.serverUrl,
    layers: layersOf(wishes.video),
    requestToken: options.requestToken,
    say,
    onConnected: () => picture.connected(link.nowMs()),
    onKeyRequest: (layer) => picture.keyWanted(link.nowMs(), layer),
    onLayersWanted: (wanted) => picture.layersWanted(wanted),
  });
  const rate = () => streamRate(fpsTold, pictureMeter.read().perSecond);
  const fps = () => Math.min(120, Math.max(5, Math.round(rate() || DEFAULT_FPS)));
  const picture: PicturePath = new PicturePath({
    write: (data, ptsMs, _isKey, layer) => link.writeVideo(data, ptsMs, layer),
    log,
    fps,
    onDecision: () => tellFacts(),
    isBusy: processor.isBusy,
    wish: wishes.video,
    leave,
  });
  const sound = new SoundPath(await OpusEncoder.open(wishes.audio), {
    write: (opus, pts) => link.writeOpus(opus, pts),
    log,
  });

  function videoFacts() {
    const { decision, size, profile, keyIntervalMs } = picture;
    if (!decision) return null;
    const seen = pictureMeter.read();
    return {
      codec: picture.codecName,
      profile,
      width: size?.width ?? 0,
      height: size?.height ?? 0,
      fps: Math.round(rate() * 10) / 10,
      bitrateKbps: seen.kbps,
      keyIntervalMs: Math.round(keyIntervalMs),
    };
  }

  function soundFacts() {
    if (!sound.facts) return null;
    const level = sound.level.take();
    const { peakDb = null, rmsDb = null } = level ?? {};
    return { ...sound.facts, bitrateKbps: soundMeter.read().kbps, peakDb, rmsDb, tracks: sound.trackCount };
  }

  /** Processor since the last look, in cores. */
  function takeCores(): number {
    const used = process.cpuUsage(cpu);
    const elapsedMs = performance.now() - cpuAtMs;
    cpu = process.cpuUsage();
    cpuAtMs = performance.now();
    return elapsedMs > 0 ? Math.round((used.user + used.system) / elapsedMs / 10) / 100 : 0;
  }

  /** Since the last look, ms. */
  function takeLateness() {
    const taken = { lateMs: Math.round(lateMs), heldUpMs: Math.round(heldUp.totalMs() - heldUpBeforeMs) };
    lateMs = 0;
    heldUpBeforeMs = heldUp.totalMs();
    return taken;
  }

  function tellFacts(): void {
    const { decision } = picture;
    say({
      say: 'facts',
      facts: {
        video: videoFacts(),
        audio: soundFacts(),
        mode: decision && decision.mode !== 'refuse' ? decision.mode : null,
        reason: decision?.reason ?? '',
        advice: decision?.advice ?? '',
        lacksProcessor: leave.refusal !== null,
        encoder,
        fpsTold,
        fpsSeen: Math.round(pictureMeter.read().perSecond * 10) / 10,
        droppedPictures: picture.dropped,
        lateTags,
        lagMs: Math.round(timeline.lagMs),
        ...takeLateness(),
        cores: takeCores(),
      },
    });
  }

  /** Where a tag belongs; counts those that came late. */
  function place(timestampMs: number) {
    const nowMs = link.nowMs();
    const placed = timeline.map(timestampMs, nowMs);
    const byMs = nowMs - placed.outMs;
    lateMs = Math.max(lateMs, byMs);
    if (byMs > LATE_MS) lateTags += 1;
    return placed;
  }

  function onVideo(frame: MediaFrame): void {
    for (const tag of parseVideoTags(frame.body)) {
      // Further tracks are other sizes of the same picture.
      if (tag.track !== 0) continue;
      const placed = place(frame.timestampMs);
      if (tag.kind === 'frame') pictureMeter.add(tag.data.length, placed.mediaMs);
      picture.push(tag, placed);
    }
  }

  function onAudio(frame: MediaFrame): void {
    for (const tag of parseAudioTags(frame.body)) {
      const placed = place(frame.timestampMs);
      if (tag.kind === 'frame' && tag.track === 0) soundMeter.add(tag.data.length, placed.mediaMs);
      sound.push(tag, placed.outMs);
    }
  }

  function onEncoder(): void {
    timeline.begin();
    picture.encoderChanged();
    sound.encoderChanged();
    pictureMeter.reset();
    soundMeter.reset();
    encoder = '';
    fpsTold = 0;
    lateTags = 0;
    lateMs = 0;
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
    answerTranscode: (refusal) => leave.answer(refusal),
    async close() {
      clearInterval(ticking);
      clearInterval(telling);
      processor.stop();
      heldUp.stop();
      await link.close();
      picture.close();
      sound.close();
    },
  };
}
