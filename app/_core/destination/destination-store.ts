import type { Destination, DestinationState } from './destination.ts';

export type DestinationPatch = { name?: string; url?: string; streamKey?: string; enabled?: boolean };

/** One destination with its full address: never logged, never shown. */
export type SecretTarget = { destination: Destination; pushUrl: string };

/** Port: a channel's destinations; keys are sealed at rest. */
export type DestinationStore = {
  add(destination: Destination, streamKey: string): Promise<void>;
  get(channelId: string, id: string): Promise<Destination | null>;
  /** Oldest first. */
  findOfChannel(channelId: string): Promise<Destination[]>;
  /** With full addresses, the switched-off ones too. */
  findTargets(channelId: string): Promise<SecretTarget[]>;
  /** Null when it is gone. */
  update(channelId: string, id: string, patch: DestinationPatch): Promise<Destination | null>;
  remove(channelId: string, id: string): Promise<boolean>;
  /** Keeps what a push came to, for when the feed is gone. */
  noteOutcome(
    id: string,
    outcome: { state: DestinationState; errorCode: string | null; error: string | null },
  ): Promise<void>;
};

/**
 * Port: full addresses whose push must end although no destination names them any more (removed or edited while on air).
 * Kept until the feed is seen without them: LiveKit may be away at the moment of the edit.
 */
export type PushRemovals = {
  add(channelId: string, pushUrls: readonly string[]): Promise<void>;
  find(channelId: string): Promise<string[]>;
  clear(channelId: string, pushUrls: readonly string[]): Promise<void>;
};
