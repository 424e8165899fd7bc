import { z } from 'zod';
import type { Bus } from '#bus/open-bus';
import { RpcError } from '#bus/rpc-error';
import type { ServiceLog } from '#bus/service-log';
import { refusalOf, targetOf } from './ingress-target.ts';
import { UnsupportedIngress } from './ingress-wishes.ts';
import { getIngressById, getIngressByKey } from './io-info.ts';
import type { IngestProtocol, IngestTarget, KeyAnswer, KeyLookup } from './ports.ts';
import { createWrongKeyLimiter } from './wrong-key-limiter.ts';

export type KeyLookupDeps = {
  bus: Pick<Bus, 'call'>;
  /** Origin of the web process as the worker reaches it. */
  internalUrl: string;
  serviceSecret: string;
  log: ServiceLog;
  now?: () => number;
  fetch?: typeof fetch;
};

const WEB_TIMEOUT_MS = 3_000;
/** Every refusal takes at least this long, limited or looked up, so that its time tells a guesser nothing. */
const REFUSAL_MS = 250;
/** RTMP names and bearer tokens: ours have 22 to 64 characters, LiveKit's 12. */
const PLAUSIBLE_KEY = /^[\x21-\x7e]{4,256}$/;

const Resolved = z.object({
  ingressId: z.string().min(1),
  roomName: z.string().min(1),
  identity: z.string().min(1),
  name: z.string(),
  channelId: z.string().min(1),
  secondEncoder: z.enum(['take-over', 'refuse']).default('take-over'),
  record: z.boolean().default(false),
});

/** Nothing of its own beside room and name. */
const PLAIN = { metadata: '', wishes: { video: null, audio: null } } as const;

type Half = IngestTarget | { refused: string } | 'unknown' | 'unavailable';

async function askWeb(deps: KeyLookupDeps, streamKey: string): Promise<Half> {
  try {
    const answer = await (deps.fetch ?? fetch)(new URL('/api/internal/ingest/resolve', deps.internalUrl), {
      method: 'POST',
      headers: { authorization: `Bearer ${deps.serviceSecret}`, 'content-type': 'application/json' },
      body: JSON.stringify({ streamKey }),
      redirect: 'error',
      signal: AbortSignal.timeout(WEB_TIMEOUT_MS),
    });
    if (answer.status === 404) {
      // Only the API's own 404 says "no such key"; a 404 of a page or proxy says nothing about keys.
      const body = z.object({ error: z.object({ code: z.string() }) }).safeParse(await answer.json().catch(() => null));
      if (body.success && body.data.error.code === 'not-found') return 'unknown';
    }
    if (answer.status !== 200) throw new Error(`web answered ${answer.status}`);
    const resolved = Resolved.parse(await answer.json());
    return withIngress(deps, { ...resolved, ...PLAIN, source: 'channel' });
  } catch (error) {
    deps.log.warn({ reason: error instanceof Error ? error.message : String(error) }, 'web could not look up a key');
    return 'unavailable';
  }
}

/**
 * What LiveKit's record of a channel's ingress says beside its key. An operator or the app ends and bars a publisher by `enabled: false`.
 * A LiveKit that cannot be asked bars nobody: channel keys work without it.
 */
async function withIngress(deps: KeyLookupDeps, target: IngestTarget): Promise<Half> {
  try {
    const info = await getIngressById(deps.bus, target.ingressId);
    if (info.enabled === false) return { refused: 'This channel takes no encoder at the moment: it was switched off.' };
    const { wishes, metadata } = targetOf(info);
    return { ...target, wishes, metadata };
  } catch (error) {
    if (error instanceof UnsupportedIngress) return { refused: error.message };
    return target;
  }
}

async function askLiveKit(deps: KeyLookupDeps, streamKey: string, protocol: IngestProtocol): Promise<Half> {
  try {
    const info = await getIngressByKey(deps.bus, streamKey);
    const refusal = refusalOf(info, protocol);
    if (refusal) {
      deps.log.warn({ ingressId: info.ingressId, protocol }, `an ingress was refused: ${refusal}`);
      return 'unknown';
    }
    return targetOf(info);
  } catch (error) {
    if (error instanceof RpcError && error.code === 'not_found') return 'unknown';
    if (error instanceof UnsupportedIngress) return { refused: error.message };
    deps.log.warn(
      { reason: error instanceof Error ? error.message : String(error) },
      'LiveKit could not look up a key',
    );
    return 'unavailable';
  }
}

/**
 * Looks stream keys up: our channels' keys first (they survive a lost Redis and can be rotated), then LiveKit's own, so that any
 * `IngressClient` works too. Keys are never logged.
 */
export function createKeyLookup(deps: KeyLookupDeps): KeyLookup {
  const now = deps.now ?? Date.now;
  const limiter = createWrongKeyLimiter(now);
  const holds = new Set<() => void>();

  const hold = (ms: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(done, ms);
      function done() {
        clearTimeout(timer);
        holds.delete(done);
        resolve();
      }
      holds.add(done);
    });

  async function lookUp(streamKey: string, protocol: IngestProtocol): Promise<Half> {
    if (!PLAUSIBLE_KEY.test(streamKey)) return 'unknown';
    const web = await askWeb(deps, streamKey);
    if (typeof web === 'object') return web;
    const livekit = await askLiveKit(deps, streamKey, protocol);
    if (typeof livekit === 'object') return livekit;
    return web === 'unavailable' || livekit === 'unavailable' ? 'unavailable' : 'unknown';
  }

  return {
    async resolve({ streamKey, protocol, address }): Promise<KeyAnswer> {
      const begunAt = now();
      const settle = await limiter.begin(address);
      let answer: Half = 'unknown';
      if (settle) {
        answer = await lookUp(streamKey, protocol);
        settle(answer !== 'unknown');
      } else deps.log.warn({ address, protocol }, 'too many wrong stream keys from this address');
      if (answer !== 'unknown') return answer;
      const remaining = REFUSAL_MS - (now() - begunAt);
      if (remaining > 0) await hold(remaining);
      return 'unknown';
    },
    close() {
      for (const release of [...holds]) release();
    },
  };
}
