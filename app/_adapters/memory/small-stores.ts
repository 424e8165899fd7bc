import type { SignInLinkStore } from '#core/account/sign-in-link';
import type { RecordingRecord, RecordingStore } from '#core/broadcast/recording-store';
import type { EmbedHosts } from '#core/channel/embed-hosts';
import type { InboxEvent, WebhookInbox } from '#core/egress/webhook-inbox';
import { type IngestSettingsChange, type IngestSettingsStore, readIngestSettings } from '#core/ingest/ingest-settings';
import type { StreamKeyStore } from '#core/ingest/stream-key';
import type { Leases } from '#core/shared/leases';

/** Twin of the stream key store. */
export function memoryStreamKeyStore(): StreamKeyStore {
  const all = new Map<string, string>();
  return {
    async put(channelId, streamKey) {
      all.set(channelId, streamKey);
    },
    get: async (channelId) => all.get(channelId) ?? null,
    findChannelId: async (streamKey) => [...all].find(([, key]) => key === streamKey)?.[0] ?? null,
    async findChannelIdByMark(mark) {
      const found = [...all.keys()].filter((channelId) => channelId.startsWith(`ch_${mark}`));
      return found.length === 1 ? (found[0] ?? null) : null;
    },
  };
}

/** Twin of the recording store. */
export function memoryRecordingStore(): RecordingStore {
  const all = new Map<string, RecordingRecord>();
  return {
    get: async (broadcastId) => all.get(broadcastId) ?? null,
    async put(recording) {
      const known = all.get(recording.broadcastId);
      all.set(recording.broadcastId, { ...recording, id: known?.id ?? recording.id, files: known?.files ?? null });
    },
    async putFiles(broadcastId, files) {
      const known = all.get(broadcastId);
      if (known) all.set(broadcastId, { ...known, files });
    },
  };
}

/** Twin of the one-time links. */
export function memorySignInLinkStore(): SignInLinkStore {
  const all = new Map<string, { userId: string; expiresAt: Date; used: boolean }>();
  return {
    async add(token, userId, expiresAt) {
      all.set(token, { userId, expiresAt, used: false });
    },
    async consume(token, now) {
      const link = all.get(token);
      if (!link || link.used || link.expiresAt <= now) return null;
      link.used = true;
      return link.userId;
    },
  };
}

/** Twin of the webhook inbox; `now` gives ms. */
export function memoryWebhookInbox(now: () => number): WebhookInbox {
  const all = new Map<string, { event: InboxEvent; atMs: number; done: boolean }>();
  return {
    async add(event) {
      if (all.has(event.id)) return false;
      all.set(event.id, { event, atMs: now(), done: false });
      return true;
    },
    get: async (id) => all.get(id)?.event ?? null,
    async markProcessed(id) {
      const kept = all.get(id);
      if (kept) kept.done = true;
    },
    findOpen: async (olderThanS, limit) =>
      [...all.values()]
        .filter((one) => !one.done && one.atMs < now() - olderThanS * 1000)
        .map((one) => one.event)
        .slice(0, limit),
    async prune() {
      for (const [id, one] of all) if (one.done && one.atMs < now() - 86_400_000) all.delete(id);
    },
  };
}

/** Twin of the leases; `now` gives ms. */
export function memoryLeases(now: () => number): Leases {
  const all = new Map<string, { holder: string; untilMs: number }>();
  return {
    async take(name, holder, lifeMs) {
      const known = all.get(name);
      if (known && known.holder !== holder && known.untilMs >= now()) return false;
      all.set(name, { holder, untilMs: now() + lifeMs });
      return true;
    },
    async release(name, holder) {
      if (all.get(name)?.holder === holder) all.delete(name);
    },
  };
}

/** Twin of the hosts that may frame a player. */
export function memoryEmbedHosts(): EmbedHosts {
  const all = new Map<string, readonly string[]>();
  return {
    get: async (channelId) => all.get(channelId)?.slice() ?? null,
    async set(channelId, hosts) {
      if (hosts) all.set(channelId, hosts);
      else all.delete(channelId);
    },
  };
}

/** Twin of what channels choose for their encoders. */
export function memoryIngestSettings(): IngestSettingsStore {
  const all = new Map<string, IngestSettingsChange>();
  return {
    get: async (channelId) => readIngestSettings(all.get(channelId)),
    change: async (channelId, change) => void all.set(channelId, { ...all.get(channelId), ...change }),
  };
}
