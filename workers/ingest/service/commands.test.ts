import { DeleteIngressRequest, IngressState as State, UpdateIngressRequest } from '@livekit/protocol';
import { beforeEach, describe, expect, test } from 'vitest';
import { createMemorySwitch } from '#bus/memory-wire';
import { type Bus, joinBus } from '#bus/open-bus';
import { createIngressCommands } from './commands.ts';
import type { IngestReport } from './ports.ts';

/** livekit-server's twin over the memory bus. */
const quiet = { warn: () => undefined, error: () => undefined };
let bus: Bus;
let livekit: Bus;
let lines: string[];
const note = (facts: object, message: string) => void lines.push(`${message} ${JSON.stringify(facts)}`);
const log = { info: note, warn: note, error: note };

beforeEach(() => {
  const wires = createMemorySwitch();
  bus = joinBus(wires.plug(), quiet);
  livekit = joinBus(wires.plug(), quiet);
  lines = [];
});

describe('commands', () => {
  const current = (): IngestReport => ({ state: 'publishing', protocol: 'rtmp', sentence: 'x' });
  const send = (method: string, request: { toBinary(): Uint8Array }, topic = 'IN_1') =>
    livekit.call({ service: 'IngressHandler', method, topic, request, response: State, timeoutMs: 100 });

  test('deleting and changing an ingress end its connection', async () => {
    const ended: string[] = [];
    const commands = createIngressCommands({ bus, log });
    await commands.serve('IN_1', { current, end: (why) => void ended.push(why) });
    expect((await send('DeleteIngress', new DeleteIngressRequest({ ingressId: 'IN_1' }))).status).toBe(2);
    await send('UpdateIngress', new UpdateIngressRequest({ ingressId: 'IN_1' }));
    await expect.poll(() => ended).toEqual(['deleted', 'updated']);
  });

  test('the answer waits until LiveKit knows of the end, but not for ever', async () => {
    let tell: () => void = () => undefined;
    const told = new Promise<void>((resolve) => {
      tell = resolve;
    });
    const commands = createIngressCommands({ bus, log });
    await commands.serve('IN_1', { current, end: () => told });
    let isAnswered = false;
    const asked = send('DeleteIngress', new DeleteIngressRequest()).then(() => {
      isAnswered = true;
    });
    await expect.poll(() => lines.join()).toContain('LiveKit ends an ingress');
    expect(isAnswered).toBe(false);
    tell();
    await asked;
    const hasty = createIngressCommands({ bus, log, endedWithinMs: 1 });
    await hasty.serve('IN_2', { current, end: () => new Promise(() => undefined) });
    expect((await send('DeleteIngress', new DeleteIngressRequest(), 'IN_2')).status).toBe(2);
  });

  test('an end that throws is logged, and a command for another ingress is not ours', async () => {
    const commands = createIngressCommands({ bus, log });
    const leave = await commands.serve('IN_1', {
      current,
      end: () => {
        throw new Error('socket gone');
      },
    });
    await send('DeleteIngress', new DeleteIngressRequest());
    await expect.poll(() => lines.join('\n')).toContain('ending an ingress failed');
    await expect(send('DeleteIngress', new DeleteIngressRequest(), 'IN_2')).rejects.toMatchObject({
      code: 'unavailable',
    });
    await leave();
    await expect(send('DeleteIngress', new DeleteIngressRequest())).rejects.toMatchObject({ code: 'unavailable' });
    await commands.close();
  });
});
