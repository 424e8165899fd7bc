import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { QualityReport } from '#core/viewer/quality-report';

const MAX_BEAT_BYTES = 2048;

/** The player's beacon. `sendBeacon` sends text/plain, which needs no preflight: the type of the body is not looked at. */
export const Beat = z.object({
  session: z.string().regex(/^[A-Za-z0-9_-]{8,64}$/),
  /** Sent once when the page goes away. */
  leaving: z.boolean().optional(),
  /** How it was since the last one; one that cannot be read is left out, the viewer counts all the same. */
  report: QualityReport.optional().catch(undefined),
});
export type Beat = z.infer<typeof Beat>;

/** Reads a beat. @returns null when the body is too large, no JSON, or no beat */
export async function readBeat(request: IncomingMessage): Promise<Beat | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).byteLength;
    if (size > MAX_BEAT_BYTES) return null;
    chunks.push(chunk as Buffer);
  }
  try {
    return Beat.safeParse(JSON.parse(Buffer.concat(chunks).toString())).data ?? null;
  } catch {
    return null;
  }
}
