/** The identity under which a channel's encoder is in the room. */
export const ENCODER_IDENTITY = 'enc_primary';

export type IngressSeen = {
  ingressId: string;
  channelId: string;
  state: 'idle' | 'connecting' | 'publishing' | 'failed';
};

/** Port: LiveKit's ingress of each channel. It carries state and webhooks; the key is ours. */
export type IngressRegistry = {
  /** The channel's ingress, made if it is missing (LiveKit's records live in Redis and may be gone). */
  ensure(channelId: string, name: string): Promise<string>;
  /** Ends a running publisher and forgets the ingress; nothing to end is fine. */
  end(channelId: string): Promise<void>;
  findAll(): Promise<IngressSeen[]>;
  /** The picture that a channel's encoder sends now; null when it sends none, or its size is not known. */
  findPicture(channelId: string): Promise<{ width: number; height: number; fps: number | null } | null>;
};
