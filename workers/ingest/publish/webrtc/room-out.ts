import { Audio, PeerConnection, type Track, Video } from 'node-datachannel';
import { h264Payloads } from './h264-payload.ts';
import { EXTENSION, type Layer, offerLayers, ridsOf } from './layers.ts';
import { readFeedback } from './rtcp.ts';
import { headerExtension } from './rtp-packet.ts';
import { type Clock, RtpStream } from './rtp-stream.ts';

const OPEN_TIMEOUT_MS = 10_000;
const VIDEO_RATE = 90_000;
export const OPUS_RATE = 48_000;
const VIDEO_MID = 'picture';
const AUDIO_MID = 'sound';
const VIDEO_TYPE = 96;
const AUDIO_TYPE = 111;
const CNAME = 'openair';
/** Constrained baseline, which every browser takes; what is sent may be main or high, since decoders go by the parameter sets in the stream. */
const H264_OFFERED = 'profile-level-id=42e01f;packetization-mode=1;level-asymmetry-allowed=1';
/** Half a second of a rich picture. */
const KEPT_PICTURE_PACKETS = 512;

/** What is put before LiveKit. */
export type OfferedMedia = {
  /** SDP. */
  offer: string;
  /** Names of the tracks in it. */
  pictureId: string;
  soundId: string;
  /** The largest first. */
  layers: readonly Layer[];
};

export type JoinEvents = {
  onCandidate(candidate: string, mid: string): void;
  /** Whether anybody receives each layer, the largest first. */
  onLayersWanted(wanted: readonly boolean[]): void;
  /** The other side has ended it. @param detail why */
  onEnded(detail: string): void;
};

export type Joined = {
  /** SDP. */
  answer: string;
  /** Leaves the room; never throws. */
  leave(): Promise<void>;
};

/** Brings an offer to whoever takes the media. @throws Error when it is refused, or not answered */
export type Join = (media: OfferedMedia, events: JoinEvents) => Promise<Joined>;

/** What is said beside the media's way. */
export type RoomEvents = {
  /** A subscriber cannot show a layer (0 is the largest) without a key frame. */
  onKeyRequest(layer: number): void;
  onLayersWanted(wanted: readonly boolean[]): void;
  /** A connection that stood has ended: the room was deleted, we were put out of it, or the network is gone. */
  onEnded(detail: string): void;
};

/**
 * One WebRTC connection into a room: a picture (H.264, in one layer or as simulcast) and a sound track (Opus). ICE, DTLS and SRTP are
 * libdatachannel's; packets, their clock and what receivers ask for are ours.
 *
 * It is opened before any media has come, so its set-up overlaps with the encoder's start. A track appears in the room with its first packet.
 */
export class RoomOut {
  private isClosed = false;
  private readonly lastVideoTicks: number[];
  private lastAudioTicks = Number.NEGATIVE_INFINITY;

  private constructor(
    private readonly peer: PeerConnection,
    private readonly pictures: readonly RtpStream[],
    private readonly sound: RtpStream,
    private readonly joined: Joined,
  ) {
    this.lastVideoTicks = pictures.map(() => Number.NEGATIVE_INFINITY);
  }

  /**
   * @param layers the largest first @param nowMs output clock, ms
   * @throws Error when the offer is refused, or no connection stands within 10 s
   */
  static async open(options: {
    join: Join;
    layers: readonly Layer[];
    nowMs(): number;
    events: RoomEvents;
  }): Promise<RoomOut> {
    const { join, layers, nowMs, events } = options;
    const peer = new PeerConnection('openair', { iceServers: [] });
    const clock: Clock = { nowMs, wallOffsetMs: Date.now() - nowMs() };
    const { track: pictureTrack, streams: pictures } = addPicture(peer, layers.length, clock);
    const { track: soundTrack, stream: sound } = addSound(peer, clock);
    const connection = watchConnection(peer, [pictureTrack, soundTrack]);
    let joined: Joined | null = null;
    try {
      pictureTrack.onMessage((packet) => {
        // What still comes while it closes can be answered no more.
        if (!pictureTrack.isOpen()) return;
        for (const feedback of readFeedback(packet)) {
          pictures.forEach((stream, layer) => {
            if (stream.take(feedback)) events.onKeyRequest(layer);
          });
        }
      });
      // Candidates may come before the answer, and after the end.
      const early: [string, string][] = [];
      let addCandidate = (candidate: string, mid: string): void => {
        early.push([candidate, mid]);
      };
      void connection.ended.then(() => {
        addCandidate = () => undefined;
      });
      joined = await join(
        { offer: offerLayers(makeOffer(peer), layers.length), pictureId: VIDEO_MID, soundId: AUDIO_MID, layers },
        {
          onCandidate: (candidate, mid) => addCandidate(candidate, mid),
          onLayersWanted: events.onLayersWanted,
          onEnded: connection.end,
        },
      );
      const { sdp, candidates } = withoutCandidates(joined.answer);
      peer.setRemoteDescription(sdp, 'answer');
      addCandidate = (candidate, mid) => peer.addRemoteCandidate(candidate, mid);
      for (const [candidate, mid] of [...candidates, ...early]) addCandidate(candidate, mid);
      await connection.stands;
      const out = new RoomOut(peer, pictures, sound, joined);
      void connection.ended.then((detail) => {
        if (!out.isClosed) events.onEnded(detail);
      });
      return out;
    } catch (error) {
      await joined?.leave();
      peer.close();
      throw error;
    }
  }

  /**
   * @param data one picture in Annex B, with parameter sets when it is an IDR
   * @param ptsMs output clock; never sent earlier than the one before
   * @param layer 0 is the largest
   * @throws Error when the connection is lost
   */
  writeVideo(data: Buffer, ptsMs: number, layer = 0): void {
    const stream = this.pictures[layer];
    if (this.isClosed || !stream) return;
    const ticks = Math.max(Math.round((ptsMs * VIDEO_RATE) / 1000), (this.lastVideoTicks[layer] ?? 0) + 1);
    this.lastVideoTicks[layer] = ticks;
    stream.write(h264Payloads(data), ticks);
  }

  /** @param ptsSamples output clock in 1/48000 s @throws Error when the connection is lost */
  writeOpus(data: Buffer, ptsSamples: number): void {
    if (this.isClosed || ptsSamples <= this.lastAudioTicks) return;
    this.lastAudioTicks = ptsSamples;
    this.sound.write([[data]], ptsSamples);
  }

  /** Leaves the room and frees everything; idempotent, never throws. */
  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    await this.joined.leave();
    this.peer.close();
  }
}

function addPicture(peer: PeerConnection, layers: number, clock: Clock): { track: Track; streams: RtpStream[] } {
  const media = new Video(VIDEO_MID, 'SendOnly');
  media.addH264Codec(VIDEO_TYPE, H264_OFFERED);
  const streams = ridsOf(layers).map(
    (rid) =>
      new RtpStream({
        payloadType: VIDEO_TYPE,
        clockRate: VIDEO_RATE,
        cname: CNAME,
        isPicture: true,
        extension: rid === null ? null : layerExtension(rid),
        keep: KEPT_PICTURE_PACKETS,
        clock,
        send: (packet) => void track.sendMessageBinary(packet),
      }),
  );
  // By them libdatachannel finds the track that feedback is for.
  for (const { ssrc } of streams) media.addSSRC(ssrc, CNAME, CNAME, VIDEO_MID);
  const track = peer.addTrack(media);
  return { track, streams };
}

function layerExtension(rid: string): Buffer {
  return headerExtension([
    { id: EXTENSION.mid, value: VIDEO_MID },
    { id: EXTENSION.rid, value: rid },
  ]);
}

function addSound(peer: PeerConnection, clock: Clock): { track: Track; stream: RtpStream } {
  const media = new Audio(AUDIO_MID, 'SendOnly');
  media.addOpusCodec(AUDIO_TYPE);
  const stream = new RtpStream({
    payloadType: AUDIO_TYPE,
    clockRate: OPUS_RATE,
    cname: CNAME,
    isPicture: false,
    extension: null,
    keep: 0,
    clock,
    send: (packet) => void track.sendMessageBinary(packet),
  });
  media.addSSRC(stream.ssrc, CNAME, CNAME, AUDIO_MID);
  const track = peer.addTrack(media);
  // Unread, what receivers report would wait in memory.
  track.onMessage(() => undefined);
  return { track, stream };
}

/**
 * The offer, with none of our addresses: whoever answers learns them from our checks (peer-reflexive candidates, RFC 8445, 7.3.1.3). Were it first to
 * reach us, it could begin the DTLS handshake while the fingerprint in its answer is still being taken in, and libdatachannel would refuse it.
 */
function makeOffer(peer: PeerConnection): string {
  peer.setLocalDescription('offer');
  const offer = peer.localDescription();
  if (!offer) throw new Error('no offer could be made');
  return withoutCandidates(offer.sdp).sdp;
}

/** Candidates of an answer are added when the rest of it is taken in, for the same reason. */
function withoutCandidates(sdp: string): { sdp: string; candidates: [candidate: string, mid: string][] } {
  const lines = sdp.split(/\r?\n/);
  const found = lines.filter((line) => line.startsWith('a=candidate:'));
  return {
    sdp: lines.filter((line) => !found.includes(line) && line !== 'a=end-of-candidates').join('\r\n'),
    candidates: [...new Set(found)].map((line) => [line.slice('a='.length), VIDEO_MID]),
  };
}

type Connection = {
  /** When media can be sent; rejects when it fails, ends or takes 10 s. */
  stands: Promise<void>;
  /** Why it ended; never rejects. */
  ended: Promise<string>;
  end(detail: string): void;
};

function watchConnection(peer: PeerConnection, tracks: readonly Track[]): Connection {
  let end: (detail: string) => void = () => undefined;
  let tellEnd: (detail: string) => void = () => undefined;
  const ended = new Promise<string>((resolve) => {
    tellEnd = resolve;
  });
  const stands = new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => end('no connection to LiveKit within 10 s'), OPEN_TIMEOUT_MS);
    end = (detail) => {
      clearTimeout(timer);
      reject(new Error(detail));
      tellEnd(detail);
    };
    // Tracks open a little after the connection itself: what is sent between is refused.
    let closed = tracks.length;
    for (const track of tracks) {
      track.onOpen(() => {
        closed -= 1;
        if (closed > 0) return;
        clearTimeout(timer);
        resolve();
      });
    }
    peer.onStateChange((state) => {
      if (state === 'failed') end('LiveKit is not heard any more');
      else if (state === 'closed' || state === 'disconnected') end('LiveKit ended the connection');
    });
  });
  // Nobody may wait for it yet when it fails.
  stands.catch(() => undefined);
  return { stands, ended, end };
}
