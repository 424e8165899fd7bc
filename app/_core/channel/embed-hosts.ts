/** Port: hosts whose pages may show a channel's player in a frame. */
export type EmbedHosts = {
  /** Null = all, also for a channel that is gone. */
  get(channelId: string): Promise<string[] | null>;
  set(channelId: string, hosts: readonly string[] | null): Promise<void>;
};
