import { parseVideoTags } from '../../../workers/ingest/publish/flv.ts';
import { ChunkReader } from '../../../workers/ingest/rtmp/chunk-reader.ts';
import { openTcpLine } from './tcp-line.ts';

const CLIENT_HANDSHAKE_BYTES = 1 + 2 * 1536;

export type EncoderTap = {
  /** Where the encoder has to connect. */
  port: number;
  /** Date.now() of the encoder's TCP connection; null before it. */
  connectedAtMs(): number | null;
  /** Date.now() when its first picture passed; null before it. */
  firstPictureAtMs(): number | null;
  /** Date.now() when the picture with this number left the encoder. */
  leftAtMs: Map<number, number>;
  close(): void;
};

/**
 * Stands between an encoder and the RTMP front and notes when each picture passes, so that an encoder's own delay (look-ahead, B-frames) can be
 * told from what comes after it.
 */
export async function openEncoderTap(rtmpPort: number, fps: number): Promise<EncoderTap> {
  const leftAtMs = new Map<number, number>();
  let connectedAtMs: number | null = null;
  let firstMs: number | null = null;
  let firstPictureAtMs: number | null = null;
  const line = await openTcpLine(rtmpPort, () => {
    connectedAtMs ??= Date.now();
    const reader = new ChunkReader(({ type, timestampMs, payload }) => {
      if (type !== 9) return;
      for (const tag of parseVideoTags(payload)) {
        if (tag.kind !== 'frame') continue;
        firstPictureAtMs ??= Date.now();
        // B-frames shift everything: the first picture is the one with number 0.
        firstMs ??= timestampMs + tag.compositionMs;
        leftAtMs.set(Math.round(((timestampMs + tag.compositionMs - firstMs) * fps) / 1000), Date.now());
      }
    });
    let seen = 0;
    return (bytes) => {
      const skip = Math.max(0, CLIENT_HANDSHAKE_BYTES - seen);
      seen += bytes.length;
      if (bytes.length > skip) reader.push(bytes.subarray(skip));
    };
  });
  return {
    port: line.port,
    connectedAtMs: () => connectedAtMs,
    firstPictureAtMs: () => firstPictureAtMs,
    leftAtMs,
    close: line.close,
  };
}
