/** Port: bytes by channel name, at most once, to those who listen now. Redis pub/sub and its memory twin implement it. */
export type BusWire = {
  /** @throws when the message certainly was not taken, e.g. while Redis is away */
  publish(channel: string, payload: Uint8Array): Promise<void>;
  /**
   * Resolves when messages of the channel arrive from now on; lost connections resubscribe by themselves. Several listeners may share
   * a channel. The returned function stops this listener.
   */
  subscribe(channel: string, listener: (payload: Uint8Array) => void): Promise<() => Promise<void>>;
  /** False while the wire is known to be down. */
  isConnected(): boolean;
  close(): Promise<void>;
};

/** The part of a logger the bus uses; pino's fits. */
export type BusLog = {
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
};
