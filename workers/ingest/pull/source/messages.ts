import { z } from 'zod';

/** File descriptor of the FLV stream from a source process to its parent. */
export const FLV_FD = 4;

/** Why a source ended; a closed set, since FFmpeg's own words may hold an address with its secrets. */
export const SOURCE_ENDS = [
  'finished',
  'not-found',
  'forbidden',
  'refused',
  'silent',
  'server-error',
  'not-media',
  'unsupported-codec',
  'lost',
] as const;
export type SourceEnd = (typeof SOURCE_ENDS)[number];

/** To the process that reads one source. Holds secrets: by IPC only, never in an argument or the environment. */
export const ToSource = z.discriminatedUnion('say', [
  z.object({
    say: z.literal('open'),
    url: z.string(),
    /** FFmpeg's options of protocol and format. */
    options: z.record(z.string(), z.string()),
    /** Name of FFmpeg's input format; empty looks at the content. */
    format: z.string(),
    /** Begin again at its end, for ever. */
    loop: z.boolean(),
  }),
]);
export type ToSource = z.infer<typeof ToSource>;

export const FromSource = z.discriminatedUnion('say', [
  z.object({ say: z.literal('opened') }),
  /** For so long it could not read, since its beginning, ms. */
  z.object({ say: z.literal('held-up'), totalMs: z.number() }),
  z.object({ say: z.literal('over'), end: z.enum(SOURCE_ENDS) }),
]);
export type FromSource = z.infer<typeof FromSource>;
