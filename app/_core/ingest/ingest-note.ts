import { z } from 'zod';

/** What can be said of an encoder's connection; the studio has words for each in every language. */
export const INGEST_NOTES = [
  'none',
  'connecting',
  'waiting-for-picture',
  'backup-takes-over',
  'publishing',
  'no-processor',
  'not-supported',
  'nothing-comes',
  'gone',
  'ended',
  'room-lost',
  'media-restarted',
  'media-crashed',
  'no-media-connection',
] as const;

/** The same as the sentence beside it, for programs and translations. */
export const IngestNote = z.strictObject({
  /** One of `INGEST_NOTES`. */
  id: z.string().max(40),
  /** What it is about: `encoder`, `size`, `number` of pictures a second, `rate` in Mbit/s, `cause` and others; see the messages. */
  values: z.record(z.string().max(20), z.union([z.string().max(120), z.number()])).optional(),
});
export type IngestNote = z.infer<typeof IngestNote>;
