import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { type LinkPlan, sendInto } from './link-clock.ts';
import { openLink } from './shaped-link.ts';

const PLAN: LinkPlan = { kbps: 4000, delayMs: 40, burst: null };

/** Bytes that come out within a time, sent in pieces as fast as the line takes them. */
function carried(plan: LinkPlan, seconds: number): number {
  let state = { freeAtMs: 0 };
  let bytes = 0;
  for (;;) {
    const sent = sendInto(plan, state, 4096, 0);
    if (sent.arriveAtMs > seconds * 1000) return bytes;
    state = sent.state;
    bytes += 4096;
  }
}

describe('a shaped line', () => {
  test('delays a lone piece by its length and the way', () => {
    expect(sendInto(PLAN, { freeAtMs: 0 }, 500, 1000).arriveAtMs).toBe(1041);
  });

  test('carries its rate and no more', () => {
    expect((carried(PLAN, 10) * 8) / 10_000).toBeCloseTo(4000 * 0.996, -1);
  });

  test('carries nothing of ours during a burst, and what waited comes after it', () => {
    const plan = { ...PLAN, burst: { everyMs: 5000, forMs: 500 } };
    expect(sendInto(plan, { freeAtMs: 0 }, 500, 4400).arriveAtMs).toBe(4441);
    expect(sendInto(plan, { freeAtMs: 0 }, 500, 4600).arriveAtMs).toBe(5041);
    expect(carried(plan, 10) / carried(PLAN, 10)).toBeCloseTo(0.9, 1);
  });
});

test('what goes through a line comes out whole and in order, from several connections at once', async () => {
  const body = randomBytes(300_000);
  const server = createServer((_request, response) => response.end(body)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const link = await openLink({ ...PLAN, kbps: 400_000, delayMs: 1 }, (server.address() as AddressInfo).port);
  const answers = await Promise.all(
    [1, 2, 3].map(async () => Buffer.from(await (await fetch(`http://127.0.0.1:${link.port}/`)).arrayBuffer())),
  );
  for (const answer of answers) expect(answer.equals(body)).toBe(true);
  expect(link.bytes()).toBeGreaterThan(3 * body.length);
  await link.close();
  server.closeAllConnections();
  server.close();
});

test('a server that is away ends the connection of whoever asks', async () => {
  const link = await openLink(PLAN, 1);
  await expect(fetch(`http://127.0.0.1:${link.port}/`)).rejects.toThrow();
  await link.close();
});
