import { type Empty, StringValue } from '@bufbuild/protobuf';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createMemorySwitch } from './memory-wire.ts';
import { type Bus, joinBus } from './open-bus.ts';
import { RpcError } from './rpc-error.ts';
import { claimRequestChannel, claimResponseChannel, requestChannel, responseChannel } from './topics.ts';

const ping = { service: 'Test', method: 'Ping', topic: '' };
const text = (value: string) => new StringValue({ value });

function makeLog() {
  const lines: string[] = [];
  const note = (_facts: object, message: string) => void lines.push(message);
  return { lines, warn: note, error: note };
}

describe('the bus', () => {
  let wires: ReturnType<typeof createMemorySwitch>;
  let log: ReturnType<typeof makeLog>;
  let open: Bus[];
  const join = () => {
    const bus = joinBus(wires.plug(), log);
    open.push(bus);
    return bus;
  };
  const echo = (name: string) => ({
    ...ping,
    request: StringValue,
    handle: async (request: StringValue) => text(`${name}:${request.value}`),
  });
  const ask = (bus: Bus, value = 'hi', more: object = {}) =>
    bus.call({ ...ping, request: text(value), response: StringValue, timeoutMs: 2_000, ...more });

  beforeEach(() => {
    wires = createMemorySwitch();
    log = makeLog();
    open = [];
  });
  afterEach(async () => {
    vi.useRealTimers();
    for (const bus of open) await bus.close();
  });

  test('a call reaches the server that serves its topic and no other', async () => {
    const [a, b, client] = [join(), join(), join()];
    await a.serve({ ...echo('a'), topic: 'EG_1' });
    await b.serve({ ...echo('b'), topic: 'EG_2' });
    expect((await ask(client, 'x', { topic: 'EG_2' })).value).toBe('b:x');
    expect((await ask(client, 'y', { topic: 'EG_1' })).value).toBe('a:y');
  });

  test('affinity 1 wins at once, else the best claim, and only the chosen one works', async () => {
    vi.useFakeTimers();
    const [a, b, client] = [join(), join(), join()];
    const worked: string[] = [];
    const served = (name: string, affinity: number) => ({
      ...ping,
      request: StringValue,
      offer: () => ({ affinity }),
      handle: async () => {
        worked.push(name);
        return text(name);
      },
    });
    await a.serve(served('a', 0.2));
    const leaveB = await b.serve(served('b', 0.5));
    const best = ask(client, 'x', { choice: { settleMs: 500, limitMs: 1_000 } });
    await vi.advanceTimersByTimeAsync(499);
    expect(worked).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect((await best).value).toBe('b');
    await leaveB();
    await b.serve(served('b', 1));
    const sure = ask(client, 'x', { choice: { settleMs: 500, limitMs: 1_000 } });
    await vi.advanceTimersByTimeAsync(1);
    expect((await sure).value).toBe('b');
    expect(worked).toEqual(['b', 'b']);
  });

  test('a late offer is made only when nobody else was chosen before', async () => {
    vi.useFakeTimers();
    const [late, quick, client] = [join(), join(), join()];
    const worked: string[] = [];
    await late.serve({
      ...ping,
      request: StringValue,
      offer: () => ({ affinity: 0.01, afterMs: 800 }),
      handle: async () => {
        worked.push('late');
        throw new RpcError('failed_precondition', 'no room here');
      },
    });
    const leave = await quick.serve({ ...echo('quick'), offer: () => ({ affinity: 0.5 }) });
    const first = ask(client, 'x', { choice: { settleMs: 500, limitMs: 1_000 } });
    await vi.advanceTimersByTimeAsync(2_000);
    expect((await first).value).toBe('quick:x');
    expect(worked).toEqual([]);
    await leave();
    const second = ask(client, 'x', { choice: { settleMs: 500, limitMs: 1_000 } }).catch((e: unknown) => e);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await second).toMatchObject({ code: 'failed_precondition', message: 'no room here' });
  });

  test('a silent server and a missing one both end in unavailable', async () => {
    vi.useFakeTimers();
    const [server, client] = [join(), join()];
    await server.serve({ ...echo('a'), offer: () => null });
    const answer = ask(client).catch((e: unknown) => e);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(await answer).toMatchObject({ code: 'unavailable', message: 'no response from servers' });
  });

  test('a chosen server that does not answer in time ends in deadline_exceeded', async () => {
    vi.useFakeTimers();
    const [server, client] = [join(), join()];
    await server.serve({ ...ping, request: StringValue, handle: () => new Promise<Empty>(() => undefined) });
    const answer = ask(client).catch((e: unknown) => e);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(await answer).toMatchObject({ code: 'deadline_exceeded' });
  });

  test('an expired request is not begun', async () => {
    let now = 10_000;
    const server = joinBus(wires.plug(), log, () => now);
    const client = joinBus(wires.plug(), log, () => 1_000);
    open.push(server, client);
    const worked = vi.fn(async () => text('done'));
    await server.serve({ ...ping, request: StringValue, handle: worked });
    await expect(ask(client, 'x', { timeoutMs: 50 })).rejects.toMatchObject({ code: 'unavailable' });
    expect(worked).not.toHaveBeenCalled();
    now = 1_001;
    expect((await ask(client, 'x', { timeoutMs: 50 })).value).toBe('done');
  });

  test('codes and sentences of refusals reach the caller, inner errors do not leak', async () => {
    const [server, client] = [join(), join()];
    await server.serve({
      ...ping,
      request: StringValue,
      handle: async (request: StringValue): Promise<Empty> => {
        if (request.value === 'secret') throw new Error('password=hunter2');
        throw new RpcError('invalid_argument', `no layout ${request.value}`);
      },
    });
    await expect(ask(client, 'spiral')).rejects.toMatchObject({
      code: 'invalid_argument',
      message: 'no layout spiral',
    });
    const inner = await ask(client, 'secret').catch((error: RpcError) => error);
    expect(inner).toMatchObject({ code: 'internal' });
    expect((inner as RpcError).message).not.toContain('hunter2');
    expect(log.lines).toContain('a call failed unexpectedly');
  });

  test('malformed messages on every channel are logged and change nothing', async () => {
    const [server, client] = [join(), join()];
    await server.serve(echo('a'));
    expect((await ask(client)).value).toBe('a:hi');
    const stranger = wires.plug();
    const garbage = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x07);
    for (const channel of [requestChannel(ping), claimResponseChannel(ping)]) await stranger.publish(channel, garbage);
    await expect.poll(() => log.lines.length).toBe(2);
    const heard: string[] = [];
    const spy = wires.plug();
    await spy.subscribe(requestChannel(ping), (bytes) => {
      heard.push(/CLI_\w{12}/.exec(Buffer.from(bytes).toString('latin1'))?.[0] ?? '');
    });
    await ask(client);
    const clientId = heard[0] ?? '';
    await stranger.publish(responseChannel('Test', clientId), garbage);
    await stranger.publish(claimRequestChannel('Test', clientId), garbage);
    await expect.poll(() => log.lines.length).toBe(4);
    expect((await ask(client, 'still')).value).toBe('a:still');
  });

  test('a request whose payload cannot be read is answered malformed_request', async () => {
    const [server, client] = [join(), join()];
    await server.serve(echo('a'));
    const request = { toBinary: () => Uint8Array.of(0x0a, 50, 1) };
    await expect(ask(client, '', { request })).rejects.toMatchObject({ code: 'malformed_request' });
  });

  test('after leaving, calls are not heard, and calls in work are answered still', async () => {
    const [server, client] = [join(), join()];
    let finish: (() => void) | null = null;
    const leave = await server.serve({
      ...ping,
      request: StringValue,
      handle: (request: StringValue) =>
        new Promise<StringValue>((resolve) => {
          finish = () => resolve(text(`late:${request.value}`));
        }),
    });
    const running = ask(client);
    const started = await vi.waitUntil(() => finish);
    await leave();
    (started as () => void)();
    expect((await running).value).toBe('late:hi');
    await expect(ask(client, 'x', { timeoutMs: 30 })).rejects.toMatchObject({ code: 'unavailable' });
  });

  test('while the bus is away calls fail at once, and work again when it is back', async () => {
    const [server, client] = [join(), join()];
    await server.serve(echo('a'));
    wires.cut();
    await expect(ask(client)).rejects.toMatchObject({ code: 'unavailable', message: 'the bus is away' });
    expect(client.isConnected()).toBe(false);
    wires.mend();
    expect((await ask(client)).value).toBe('a:hi');
  });

  test('methods without claims are answered directly', async () => {
    const [server, client] = [join(), join()];
    await server.serve({ ...echo('a'), direct: true });
    expect((await ask(client, 'hi', { direct: true })).value).toBe('a:hi');
  });

  test('closing a client cancels what it waits for', async () => {
    const [server, client] = [join(), join()];
    await server.serve({ ...ping, request: StringValue, handle: () => new Promise<Empty>(() => undefined) });
    const waiting = ask(client).catch((e: unknown) => e);
    await client.close();
    expect(await waiting).toMatchObject({ code: 'canceled' });
    await expect(ask(client)).rejects.toMatchObject({ code: 'canceled' });
  });
});
