import type { PostAllowance } from '#core/chat/post-allowance';
import type { ReactionTally } from '#core/chat/reaction-tally';
import { Batcher, type Timers } from './batcher.ts';
import type { OpenChannel } from './channel-board.ts';
import { REACTIONS, type ReactionKind, type Refusal } from './contract.ts';
import { refusalOf, refuse } from './refusal.ts';
import { shareReads } from './share-reads.ts';

export const BURST_MS = 250;

export type ReactionBurst = Partial<Record<ReactionKind, number>>;

export type ReactionDeskParts = {
  tally: ReactionTally;
  allowance: PostAllowance;
  /** Sends one burst to everyone in the channel on every instance; may be dropped on the way. */
  onBurst: (channelId: string, counts: ReactionBurst) => void;
  onError: (what: string, error: unknown) => void;
  timers?: Timers;
};

/** Reactions without the socket: counted, sent as counts, never stored as lines. */
export class ReactionDesk {
  readonly #parts: ReactionDeskParts;
  readonly #outgoing: Batcher<{ kind: ReactionKind; broadcastId: string | null }>;
  readonly #readTotals: (broadcastId: string) => Promise<Record<string, number>>;

  constructor(parts: ReactionDeskParts) {
    this.#parts = parts;
    this.#outgoing = new Batcher(BURST_MS, (channelId, sent) => this.#flush(channelId, sent), parts.timers);
    this.#readTotals = shareReads((broadcastId) => parts.tally.totals(broadcastId));
  }

  async send(channel: OpenChannel, who: string, kind: ReactionKind): Promise<{ ok: true } | Refusal> {
    try {
      const waitMs = await this.#parts.allowance.take('reaction', who);
      if (waitMs > 0)
        return refuse('rate-limited', 'That was a lot of reactions. Wait a moment.', { retryAfterMs: waitMs });
    } catch (error) {
      this.#parts.onError('reaction:send', error);
      return refusalOf(error);
    }
    this.#outgoing.add(channel.id, { kind, broadcastId: channel.broadcast?.id ?? null });
    return { ok: true };
  }

  /** Totals of a broadcast; empty while the store is away, for a page opens without them too. */
  async totals(broadcastId: string | null): Promise<ReactionBurst> {
    if (broadcastId === null) return {};
    try {
      return knownKinds(await this.#readTotals(broadcastId));
    } catch (error) {
      this.#parts.onError('reaction totals', error);
      return {};
    }
  }

  flush(): void {
    this.#outgoing.flushAll();
  }

  #flush(channelId: string, sent: { kind: ReactionKind; broadcastId: string | null }[]): void {
    this.#parts.onBurst(channelId, countKinds(sent));
    const broadcasts = new Set(sent.flatMap(({ broadcastId }) => (broadcastId === null ? [] : [broadcastId])));
    for (const broadcastId of broadcasts) {
      const counts = countKinds(sent.filter((one) => one.broadcastId === broadcastId));
      this.#parts.tally.add(broadcastId, counts).catch((error) => this.#parts.onError('reaction tally', error));
    }
  }
}

function countKinds(sent: { kind: ReactionKind }[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { kind } of sent) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

function knownKinds(totals: Record<string, number>): ReactionBurst {
  const known: ReactionBurst = {};
  for (const kind of REACTIONS) {
    const total = totals[kind];
    if (total) known[kind] = total;
  }
  return known;
}
