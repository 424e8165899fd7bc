import type { RoomMetadata } from '#core/scene/scene';

/** Who a join token is for and what it may do. Room and identity are exact; nobody but our server is admin (S-16). */
export type JoinGrant = {
  channelId: string;
  identity: string;
  name: string;
  /** Hosts publish; viewers never do. */
  canPublish: boolean;
  /** Seconds. 4 hours at most: LiveKit does not revoke tokens. */
  lifeS: number;
};

export type RoomSeen = {
  channelId: string;
  publishers: number;
  /** The seats' room that its metadata asks for; null = none. */
  seats: string | null;
};

/** Port: the channels' LiveKit rooms. Room name = channel id. */
export type MediaRoom = {
  /** Makes the room if it is missing; one that is open stays as it is. */
  ensure(channelId: string): Promise<void>;
  setMetadata(channelId: string, metadata: RoomMetadata): Promise<void>;
  token(grant: JoinGrant): Promise<string>;
  /** Removing who is not there is fine. */
  removeParticipant(channelId: string, identity: string): Promise<void>;
  /** The open ones of these. */
  find(channelIds: readonly string[]): Promise<RoomSeen[]>;
};
