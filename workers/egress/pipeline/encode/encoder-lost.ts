/** A hardware encoder that was on air failed, and no other of the same parameter sets is to be had. */
export class EncoderLost extends Error {
  readonly encoder: string;

  constructor(encoder: string, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause));
    this.encoder = encoder;
  }
}
