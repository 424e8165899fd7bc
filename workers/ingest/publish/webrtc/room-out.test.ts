import { createSocket } from 'node:dgram';
import { PeerConnection, type Track } from 'node-datachannel';
import { afterEach, expect, test, vi } from 'vitest';
import { UNKNOWN_LAYER } from './layers.ts';
import { type Join, RoomOut } from './room-out.ts';

const closing: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** The other end of the line: answers an offer and keeps what comes, through real ICE, DTLS and SRTP. */
function startReceiver() {
  const peer = new PeerConnection('receiver', { iceServers: [] });
  closing.push(() => peer.close());
  const got: Buffer[] = [];
  const tracks = new Map<string, Track>();
  peer.onTrack((track) => {
    tracks.set(track.mid(), track);
    track.onMessage((packet) => void got.push(packet));
  });
  const join: Join = async ({ offer }) => {
    const gathered = new Promise<string>((resolve) => {
      peer.onGatheringStateChange((state) => {
        if (state === 'complete') resolve(peer.localDescription()?.sdp ?? '');
      });
    });
    peer.setRemoteDescription(offer, 'offer');
    return { answer: await gathered, leave: async () => undefined };
  };
  const packets = (payloadType: number) => got.filter((packet) => (packet.readUInt8(1) & 0x7f) === payloadType);
  return { peer, join, tracks, packets };
}

const LOOPBACK = '127.0.0.1';

/** A network on the way to the receiver that loses the first packet of the picture. */
async function throughLossyNetwork(join: Join): Promise<Join> {
  const inner = createSocket('udp4');
  const outer = createSocket('udp4');
  closing.push(() => {
    inner.close();
    outer.close();
  });
  let backTo = 0;
  let hasLost = false;
  let target = 0;
  inner.on('message', (datagram, from) => {
    backTo = from.port;
    const isPicture = datagram.readUInt8(0) >> 6 === 2 && (datagram.readUInt8(1) & 0x7f) === 96;
    if (isPicture && !hasLost) hasLost = true;
    else outer.send(datagram, target, LOOPBACK);
  });
  outer.on('message', (datagram) => inner.send(datagram, backTo, LOOPBACK));
  await new Promise<void>((resolve) => inner.bind(0, LOOPBACK, resolve));
  return async (media, events) => {
    const joined = await join(media, events);
    const lines = joined.answer.split('\r\n');
    const candidate = lines.find((line) => /^a=candidate:.* UDP .*\d+\.\d+\.\d+\.\d+/i.test(line)) ?? '';
    target = Number(candidate.split(' ')[5]);
    const ours = `a=candidate:1 1 UDP 2130706431 ${LOOPBACK} ${inner.address().port} typ host`;
    const kept = lines.filter((line) => !line.startsWith('a=candidate:'));
    return {
      ...joined,
      answer: kept.flatMap((line) => (line.startsWith('a=ice-pwd:') ? [line, ours] : [line])).join('\r\n'),
    };
  };
}

async function open(join: Join, layers = 1) {
  const events = { onKeyRequest: vi.fn(), onLayersWanted: vi.fn(), onEnded: vi.fn() };
  const nowMs = () => performance.now();
  const out = await RoomOut.open({ join, layers: Array(layers).fill(UNKNOWN_LAYER), nowMs, events });
  closing.push(() => out.close());
  return { out, events };
}
const PICTURE = Buffer.from('0000000165888400', 'hex');

test('picture and sound arrive as they were written, and what goes back in time is put right or left out', async () => {
  const receiver = startReceiver();
  const { out } = await open(receiver.join);
  out.writeVideo(PICTURE, 100);
  out.writeVideo(PICTURE, 90);
  out.writeOpus(Buffer.from([0xf8, 1]), 4_800);
  out.writeOpus(Buffer.from([0xf8, 2]), 4_800);
  await vi.waitFor(() => expect(receiver.packets(96)).toHaveLength(2));
  await vi.waitFor(() => expect(receiver.packets(111)).toHaveLength(1));
  const [first, second] = receiver.packets(96);
  expect(first?.subarray(12)).toEqual(PICTURE.subarray(4));
  expect(((second?.readUInt32BE(4) ?? 0) - (first?.readUInt32BE(4) ?? 0) + 2 ** 32) % 2 ** 32).toBe(1);
  expect(receiver.packets(111)[0]?.subarray(12)).toEqual(Buffer.from([0xf8, 1]));
});

test('a packet that the network lost is sent again when it is asked for, and a request for a key frame is heard', async () => {
  const receiver = startReceiver();
  const { out, events } = await open(await throughLossyNetwork(receiver.join));
  out.writeVideo(PICTURE, 100);
  out.writeVideo(PICTURE, 133);
  await vi.waitFor(() => expect(receiver.packets(96)).toHaveLength(1));
  const [second] = receiver.packets(96);
  const ssrc = second?.readUInt32BE(8) ?? 0;
  const lost = ((second?.readUInt16BE(2) ?? 0) + 65_535) % 65_536;
  const ask = (type: number, tail: number[]) => {
    const message = Buffer.from([0x81, type, 0, 2 + tail.length / 4, 0, 0, 0, 1, 0, 0, 0, 0, ...tail]);
    message.writeUInt32BE(ssrc, 8);
    receiver.tracks.get('picture')?.sendMessageBinary(message);
  };
  ask(205, [lost >> 8, lost & 0xff, 0, 0]);
  await vi.waitFor(() => expect(receiver.packets(96).map((packet) => packet.readUInt16BE(2))).toContain(lost));
  ask(206, []);
  await vi.waitFor(() => expect(events.onKeyRequest).toHaveBeenCalledWith(0));
});

test('a connection that LiveKit ends is told once, and one that we close is not', async () => {
  let end: (detail: string) => void = () => undefined;
  const receiver = startReceiver();
  const { out, events } = await open(async (media, joining) => {
    end = joining.onEnded;
    return receiver.join(media, joining);
  });
  end('the room was deleted');
  end('LiveKit closed the connection');
  await vi.waitFor(() => expect(events.onEnded).toHaveBeenCalledWith('the room was deleted'));
  await out.close();
  const other = await open(startReceiver().join);
  await other.out.close();
  other.out.writeVideo(PICTURE, 1);
  expect(events.onEnded).toHaveBeenCalledOnce();
  expect(other.events.onEnded).not.toHaveBeenCalled();
});

test('an offer that is refused says why, and leaves nothing open', async () => {
  await expect(
    open(async () => {
      throw new Error('LiveKit answered 401');
    }),
  ).rejects.toThrow('LiveKit answered 401');
});
