import { afterEach, expect, test, vi } from 'vitest';
import { RoomLink } from './room-link.ts';
import { UNKNOWN_LAYER } from './webrtc/layers.ts';
import type { RoomOut } from './webrtc/room-out.ts';
import type { ChildMessage } from './wire.ts';

const links: RoomLink[] = [];
afterEach(async () => {
  for (const link of links.splice(0)) await link.close();
});

/** A link whose connections are played by the test: what each took, in order. */
function start() {
  const outs: { took: string[]; fails: boolean; isClosed: boolean; ask(): void; end(): void }[] = [];
  const said: string[] = [];
  const onConnected = vi.fn();
  const onKeyRequest = vi.fn();
  const link = new RoomLink({
    url: 'ws://127.0.0.1',
    layers: [UNKNOWN_LAYER],
    requestToken: async () => 'token',
    say: (message: ChildMessage) => void (message.say === 'room' && said.push(message.state)),
    onConnected,
    onKeyRequest,
    onLayersWanted: vi.fn(),
    open: async ({ events }) => {
      const ask = () => events.onKeyRequest(0);
      const end = () => events.onEnded('the room was deleted');
      const out = { took: [] as string[], fails: false, isClosed: false, ask, end };
      outs.push(out);
      const take = (what: string) => {
        if (out.fails) throw new Error('gone');
        out.took.push(what);
      };
      const close = async () => {
        out.isClosed = true;
      };
      return { writeVideo: () => take('picture'), writeOpus: () => take('sound'), close } as unknown as RoomOut;
    },
  });
  links.push(link);
  const feed = () => {
    link.writeVideo(Buffer.alloc(1), 0, 0);
    link.writeOpus(Buffer.alloc(1), 0);
  };
  return { link, outs, said, onConnected, onKeyRequest, feed };
}

test('sound begins before the picture, and what came before either is dropped', async () => {
  const { link, outs, said, onConnected, feed } = start();
  feed();
  const connecting = link.connect();
  await vi.waitFor(() => {
    feed();
    expect(outs[0]?.took).toContain('sound');
  });
  expect(onConnected).not.toHaveBeenCalled();
  await connecting;
  expect(onConnected).toHaveBeenCalledOnce();
  feed();
  const took = outs[0]?.took ?? [];
  expect(took.indexOf('sound')).toBeLessThan(took.indexOf('picture'));
  expect(said).toEqual(['connecting', 'connected']);
});

test('a request for a key frame is passed on, but not before pictures are taken', async () => {
  const { link, outs, onKeyRequest } = start();
  const connecting = link.connect();
  await vi.waitFor(() => expect(outs).toHaveLength(1));
  outs[0]?.ask();
  expect(onKeyRequest).not.toHaveBeenCalled();
  await connecting;
  outs[0]?.ask();
  expect(onKeyRequest).toHaveBeenCalledOnce();
});

test('a connection that breaks is closed and made anew, and the participant is told to be back once', async () => {
  const { link, outs, said, onConnected, feed } = start();
  await link.connect();
  const first = outs[0];
  if (!first) throw new Error('nothing was opened');
  first.fails = true;
  feed();
  await vi.waitFor(() => expect(onConnected).toHaveBeenCalledTimes(2), { timeout: 5_000 });
  expect(first.isClosed).toBe(true);
  expect(said).toEqual(['connecting', 'connected', 'lost', 'connecting', 'connected']);
  expect(outs).toHaveLength(2);
});

test('one that is closed while it connects leaves nothing open', async () => {
  const { link, outs, said } = start();
  const connecting = link.connect();
  await vi.waitFor(() => expect(outs).toHaveLength(1));
  await link.close();
  await connecting;
  expect(outs[0]?.isClosed).toBe(true);
  expect(said).toEqual(['connecting']);
});

test('a connection that LiveKit ends is left and made anew', async () => {
  const { link, outs, said } = start();
  await link.connect();
  outs[0]?.end();
  await vi.waitFor(() => expect(said).toEqual(['connecting', 'connected', 'lost', 'connecting', 'connected']));
  expect(outs.map((out) => out.isClosed)).toEqual([true, false]);
});
