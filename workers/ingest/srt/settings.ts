export type SrtSettings = {
  /** Shared by all encoders of this server; empty takes unencrypted streams only. 10 to 79 characters. */
  passphrase: string;
  /** How much of the network's trouble is waited out, ms; the larger one of ours and the encoder's holds. */
  latencyMs: number;
};
