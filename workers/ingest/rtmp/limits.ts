/**
 * Bounds of the RTMP front. An encoder in order stays far below each one; beyond it the connection is closed with the reason.
 * Together they bound what one unauthenticated peer may cost: about 100 kB of memory and 10 s.
 */
export const RTMP_LIMITS = {
  /** A chunk size an encoder may announce, bytes. OBS says 4,096, ffmpeg 60,000, some say "everything in one chunk". */
  chunkBytes: 0xff_ff_ff,
  /** One message: the largest key frame we take. */
  messageBytes: 8 * 1024 * 1024,
  /** One message before the key was accepted: commands are small. */
  messageBytesBeforePublish: 64 * 1024,
  /** Media of an encoder that does not wait for the answer to its publish, bytes. */
  bytesBeforeAnswer: 512 * 1024,
  /** Unfinished messages of a connection together, bytes. */
  bufferedBytes: 16 * 1024 * 1024,
  chunkStreams: 32,
  amfDepth: 8,
  /** Values in one command or metadata message. */
  amfValues: 512,
  /** Commands before the publish was accepted. */
  commandsBeforePublish: 32,
  /** From the first byte to an accepted publish, ms (S-30). */
  publishWithinMs: 10_000,
  /** A publisher that sends nothing for so long is taken for dead, ms. */
  silenceMs: 20_000,
  /** App and stream key, characters. */
  nameLength: 512,
  connections: 512,
  connectionsPerAddress: 64,
} as const;

/** Why the RTMP front closed a connection; the sentence goes to the log, never the data. */
export class RtmpError extends Error {
  override name = 'RtmpError';
}
