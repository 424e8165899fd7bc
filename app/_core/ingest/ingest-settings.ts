import { z } from 'zod';

/** What a channel chooses for its encoders. */
export const IngestSettings = z.strictObject({
  /**
   * A second encoder with the same key while the first one sends. `take-over`: the newest wins, at most once in ten seconds. `refuse`: the first
   * one stays until it is gone.
   */
  secondEncoder: z.enum(['take-over', 'refuse']),
  /** What encoders send is recorded as it comes, beside the show. */
  record: z.boolean(),
});
export type IngestSettings = z.infer<typeof IngestSettings>;

/** Some of the settings, to change those alone. */
export const IngestSettingsChange = IngestSettings.partial();
export type IngestSettingsChange = z.infer<typeof IngestSettingsChange>;

/** Of a channel that chose nothing. */
export const USUAL_INGEST_SETTINGS: IngestSettings = { secondEncoder: 'take-over', record: false };

/** Port: the choices of each channel. */
export type IngestSettingsStore = {
  /** The usual ones for what was never chosen, also for a channel that is gone. */
  get(channelId: string): Promise<IngestSettings>;
  /** Keeps what `change` does not name. */
  change(channelId: string, change: IngestSettingsChange): Promise<void>;
};

/** Settings as a store kept them: what is missing, or no longer known, is as usual. */
export function readIngestSettings(stored: unknown): IngestSettings {
  const kept = z.record(z.string(), z.unknown()).safeParse(stored).data ?? {};
  const known = Object.entries(IngestSettings.shape).flatMap(([name, field]) => {
    const read = field.safeParse(kept[name]);
    return read.success ? [[name, read.data]] : [];
  });
  return { ...USUAL_INGEST_SETTINGS, ...Object.fromEntries(known) };
}
