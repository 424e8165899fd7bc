import {
  AddTrackRequest,
  ClientInfo,
  ClientInfo_SDK,
  ConnectionSettings,
  DisconnectReason,
  JoinRequest,
  LeaveRequest,
  LeaveRequest_Action,
  Ping,
  SessionDescription,
  SignalRequest,
  SignalResponse,
  SimulcastCodec,
  type SubscribedQualityUpdate,
  TrackSource,
  TrackType,
  VideoLayer,
  VideoQuality,
  WrappedJoinRequest,
} from '@livekit/protocol';
import { WebSocket } from 'ws';
import type { Join, JoinEvents, Joined, OfferedMedia } from './room-out.ts';

const JOIN_TIMEOUT_MS = 8_000;
/** Signal protocol with the offer in the join, as livekit-client speaks it. */
const PROTOCOL = 16;
/** The smallest first: the order in which LiveKit counts sizes. */
const QUALITIES = [VideoQuality.LOW, VideoQuality.MEDIUM, VideoQuality.HIGH];

/**
 * Joins a room as one that publishes and nothing else, over livekit-server's signalling (`/rtc/v1`: JoinRequest with AddTrackRequests and the offer,
 * then SignalResponse and SignalRequest messages).
 *
 * Its WHIP endpoint would be less work, but takes one layer only of a picture sent in several (it never learns their RIDs), and does not say why a
 * connection ended.
 *
 * @param url of livekit-server, `ws:` or `wss:` @param token a right to join and publish
 */
export function signalJoin(url: string, token: string): Join {
  return async (media, events) => {
    const socket = new WebSocket(joinAddress(url, media), {
      headers: { authorization: `Bearer ${token}` },
      handshakeTimeout: JOIN_TIMEOUT_MS,
    });
    try {
      return await converse(socket, media, events);
    } catch (error) {
      socket.terminate();
      throw error;
    }
  };
}

function joinAddress(url: string, media: OfferedMedia): URL {
  const request = new JoinRequest({
    clientInfo: new ClientInfo({ sdk: ClientInfo_SDK.NODE, protocol: PROTOCOL, version: '1.0.0' }),
    connectionSettings: new ConnectionSettings({ autoSubscribe: false, disableIceLite: true }),
    addTrackRequests: [pictureRequest(media), soundRequest(media)],
    publisherOffer: new SessionDescription({ type: 'offer', sdp: media.offer, id: 1 }),
  });
  const wrapped = new WrappedJoinRequest({ joinRequest: request.toBinary() });
  const address = new URL('/rtc/v1', url.replace(/^http/, 'ws'));
  // Go's URL-safe alphabet with padding.
  const encoded = Buffer.from(wrapped.toBinary()).toString('base64').replaceAll('+', '-').replaceAll('/', '_');
  address.searchParams.set('join_request', encoded);
  return address;
}

function pictureRequest({ pictureId, layers }: OfferedMedia): AddTrackRequest {
  const described = [...layers].reverse().map(
    ({ width, height, bitrateKbps }, index) =>
      new VideoLayer({
        quality: layers.length > 1 ? (QUALITIES[index] ?? VideoQuality.HIGH) : VideoQuality.HIGH,
        width,
        height,
        bitrate: bitrateKbps * 1000,
      }),
  );
  const [largest] = layers;
  return new AddTrackRequest({
    cid: pictureId,
    name: 'camera',
    type: TrackType.VIDEO,
    source: TrackSource.CAMERA,
    width: largest?.width ?? 0,
    height: largest?.height ?? 0,
    layers: described,
    simulcastCodecs: [new SimulcastCodec({ codec: 'h264', cid: pictureId, layers: described })],
  });
}

function soundRequest({ soundId }: OfferedMedia): AddTrackRequest {
  return new AddTrackRequest({
    cid: soundId,
    name: 'microphone',
    type: TrackType.AUDIO,
    source: TrackSource.MICROPHONE,
    stereo: true,
    disableDtx: true,
    disableRed: true,
  });
}

/** Until the answer is there; afterwards what LiveKit says goes to `events`. */
function converse(socket: WebSocket, media: OfferedMedia, events: JoinEvents): Promise<Joined> {
  return new Promise((resolve, reject) => {
    let isOver = false;
    let pinging: NodeJS.Timeout | undefined;
    const send = (message: SignalRequest['message']) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(new SignalRequest({ message }).toBinary());
    };
    const timer = setTimeout(() => reject(new Error('LiveKit did not answer within 8 s')), JOIN_TIMEOUT_MS);
    /** Rejects before the answer, is told after it. */
    const end = (detail: string) => {
      clearTimeout(timer);
      clearInterval(pinging);
      reject(new Error(detail));
      if (!isOver) events.onEnded(detail);
      isOver = true;
    };
    socket.on('unexpected-response', (_request, response) => {
      end(`LiveKit answered ${response.statusCode}`);
      response.destroy();
    });
    socket.on('error', (error) => end(error.message));
    socket.on('close', () => end('LiveKit closed the connection'));
    socket.on('message', (bytes: Buffer) => {
      const { message } = SignalResponse.fromBinary(bytes);
      if (message.case === 'join') {
        const { pingInterval } = message.value;
        const ping = () => send({ case: 'pingReq', value: new Ping({ timestamp: BigInt(Date.now()) }) });
        if (pingInterval > 0) pinging = setInterval(ping, pingInterval * 1000);
      } else if (message.case === 'trickle') {
        const candidate = readCandidate(message.value.candidateInit);
        if (candidate) events.onCandidate(candidate.candidate, candidate.sdpMid ?? '0');
      } else if (message.case === 'answer') {
        clearTimeout(timer);
        resolve({ answer: message.value.sdp, leave });
      } else if (message.case === 'leave') {
        end(whyLeft(message.value.reason));
      } else if (message.case === 'subscribedQualityUpdate') {
        events.onLayersWanted(layersWanted(message.value, media.layers.length));
      }
    });

    async function leave(): Promise<void> {
      isOver = true;
      clearInterval(pinging);
      if (socket.readyState === WebSocket.OPEN) {
        const request = { reason: DisconnectReason.CLIENT_INITIATED, action: LeaveRequest_Action.DISCONNECT };
        send({ case: 'leave', value: new LeaveRequest(request) });
        socket.close();
      } else socket.terminate();
    }
  });
}

/** `candidateInit` is an RTCIceCandidateInit in JSON; null when it says nothing. */
function readCandidate(json: string): { candidate: string; sdpMid?: string } | null {
  try {
    const init = JSON.parse(json) as { candidate?: string; sdpMid?: string };
    return init.candidate ? { candidate: init.candidate, ...(init.sdpMid && { sdpMid: init.sdpMid }) } : null;
  } catch {
    return null;
  }
}

const WHY_LEFT: Partial<Record<DisconnectReason, string>> = {
  [DisconnectReason.DUPLICATE_IDENTITY]: 'the same participant joined from elsewhere',
  [DisconnectReason.SERVER_SHUTDOWN]: 'LiveKit shuts down',
  [DisconnectReason.PARTICIPANT_REMOVED]: 'the participant was removed from the room',
  [DisconnectReason.ROOM_DELETED]: 'the room was deleted',
  [DisconnectReason.ROOM_CLOSED]: 'the room was closed',
};

function whyLeft(reason: DisconnectReason): string {
  return WHY_LEFT[reason] ?? `LiveKit ended the connection (${DisconnectReason[reason] ?? reason})`;
}

/** Whether anybody receives each layer, the largest first. A layer that is not spoken of is wanted. */
function layersWanted(update: SubscribedQualityUpdate, layers: number): boolean[] {
  const said = update.subscribedCodecs[0]?.qualities ?? update.subscribedQualities;
  const isWanted = (quality: VideoQuality | undefined) => said.find((one) => one.quality === quality)?.enabled ?? true;
  return QUALITIES.slice(0, layers).reverse().map(isWanted);
}
