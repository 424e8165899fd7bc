import { Redis } from 'ioredis';
import { EgressClient, EgressStatus } from 'livekit-server-sdk';
import { feedKeys } from '../../app/_core/playback/live-feed.ts';
import { api, type BroadcastAnswer, eventually, type Install } from '../bench/lib/install.ts';
import type { RtmpSink } from '../e2e/rtmp-sink.ts';
import { type Clip, makeClip, type Publisher, publish } from './publisher.ts';
import { Viewer } from './viewer.ts';

type Ingest = { rtmp: { url: string; streamKey: string } };

/** One broadcast on air with an encoder, a viewer and perhaps a destination: what a fault is injected into. */
export class Show {
  readonly install: Install;
  readonly handle: string;
  readonly sinkKey: string;
  viewer: Viewer;
  publisher: Publisher;
  broadcast: BroadcastAnswer;
  readonly #ingest: string;
  readonly #clip: Clip | null;
  readonly #redis: Redis;
  readonly #sink: RtmpSink | null;
  liveAtMs = 0;
  endedAtMs = 0;

  private constructor(
    install: Install,
    made: { handle: string; broadcast: BroadcastAnswer; ingest: string; sinkKey: string; clip: Clip | null },
    sink: RtmpSink | null,
  ) {
    this.install = install;
    this.broadcast = made.broadcast;
    this.handle = made.handle;
    this.sinkKey = made.sinkKey;
    this.#sink = sink;
    this.#ingest = made.ingest;
    this.#redis = new Redis(install.env.REDIS_URL ?? '', { maxRetriesPerRequest: null, retryStrategy: () => 100 });
    this.#redis.on('error', () => undefined);
    this.#clip = made.clip;
    this.publisher = publish(made.ingest, undefined, made.clip?.file);
    this.viewer = new Viewer(made.broadcast.playback.hls);
  }

  /** Goes on air and waits until a viewer sees it. @param rungs the install's own when absent */
  static async open(install: Install, sink: RtmpSink | null, rungs?: readonly string[]): Promise<Show> {
    const handle = `fault-${Date.now().toString(36)}`;
    const sinkKey = `key${Date.now().toString(36)}secretkey`;
    await api(install, 'POST', '/channels', { handle, name: 'Faults' });
    if (sink) {
      const destination = { name: 'Sink', kind: 'custom', url: sink.url, streamKey: sinkKey, enabled: true };
      await api(install, 'POST', `/channels/${handle}/destinations`, destination);
    }
    const { rtmp } = await api<Ingest>(install, 'GET', `/channels/${handle}/ingest`);
    const wish = { title: 'Fault', visibility: 'public', ...(rungs ? { program: { rungs } } : {}) };
    const broadcast = await api<BroadcastAnswer>(install, 'POST', `/channels/${handle}/broadcasts`, wish);
    // No rung is larger than the one encoder's picture.
    const clip = rungs ? await makeClip() : null;
    const ingest = `${rtmp.url}/${rtmp.streamKey}`;
    const show = new Show(install, { handle, broadcast, ingest, sinkKey, clip }, sink);
    try {
      await api(install, 'POST', `/broadcasts/${broadcast.id}/start`);
      await show.becomes('live', 40_000);
      await show.viewer.open();
      show.liveAtMs = Date.now();
      await show.viewer.partAfter(Date.now(), 10_000);
      if (sink) await eventually('the destination receives', () => show.sinkBytes(), 20_000);
      return show;
    } catch (error) {
      await show.close();
      throw error;
    }
  }

  async look(): Promise<BroadcastAnswer> {
    return api<BroadcastAnswer>(this.install, 'GET', `/broadcasts/${this.broadcast.id}`);
  }

  async becomes(state: string, withinMs = 20_000): Promise<void> {
    await eventually(`the broadcast is ${state}`, async () => (await this.look()).state === state, withinMs);
  }

  get playbackId(): string {
    return /\/play\/([^/~]+)/.exec(this.broadcast.playback.hls)?.[1] ?? '';
  }

  /** The channel's room at LiveKit. */
  async roomName(): Promise<string> {
    return (await api<{ id: string }>(this.install, 'GET', `/channels/${this.handle}`)).id;
  }

  /** What the newest part shows, from the feed; null while it cannot be asked. */
  async shows(): Promise<string | null> {
    return this.#redis.hget(feedKeys.record(this.playbackId), 'shows').catch(() => null);
  }

  async showsWithin(what: 'slate' | 'source', withinMs: number): Promise<number> {
    const begun = Date.now();
    await eventually(`viewers see the ${what}`, async () => (await this.shows()) === what, withinMs);
    return Date.now() - begun;
  }

  get redis(): Redis {
    return this.#redis;
  }

  /** The broadcast's egresses as LiveKit lists them: `[id, status]`, newest first. */
  async egresses(): Promise<{ id: string; active: boolean; startedAt: bigint }[]> {
    const { LIVEKIT_URL = '', LIVEKIT_API_KEY = '', LIVEKIT_API_SECRET = '' } = this.install.env;
    const all = await new EgressClient(LIVEKIT_URL, LIVEKIT_API_KEY, LIVEKIT_API_SECRET).listEgress();
    return all
      .filter((one) =>
        JSON.stringify(one.request, (_, v) => (typeof v === 'bigint' ? `${v}` : v)).includes(
          `media/${this.playbackId}/`,
        ),
      )
      .map((one) => ({
        id: one.egressId,
        active: one.status <= EgressStatus.EGRESS_ACTIVE,
        startedAt: one.startedAt ?? 0n,
      }));
  }

  async sinkBytes(): Promise<number> {
    return (await this.#sink?.bytesIn(this.sinkKey)) ?? 0;
  }

  async stopPublishing(): Promise<void> {
    await this.publisher.stop();
  }

  publishAgain(): void {
    this.publisher = publish(this.#ingest, undefined, this.#clip?.file);
  }

  async end(): Promise<void> {
    this.endedAtMs = Date.now();
    await api(this.install, 'POST', `/broadcasts/${this.broadcast.id}/end`);
  }

  async close(): Promise<void> {
    await this.viewer.close();
    await this.publisher.stop();
    await this.#clip?.remove();
    await api(this.install, 'POST', `/broadcasts/${this.broadcast.id}/end`).catch(() => undefined);
    this.#redis.disconnect();
  }
}
