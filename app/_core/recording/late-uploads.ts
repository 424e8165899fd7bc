import type { LateUpload } from '#core/playback/live-feed';

/** Without a word for so long, whoever had the rest of a show is gone: the recording is closed with what there is. */
export const LATE_UPLOAD_SILENT_MS = 120_000;

/** Port: shows that ended while storage was away, and what an engine's worker still brings into storage of them. */
export type LateUploads = {
  /** By playback id. @throws AppError 'unavailable' */
  list(): Promise<Map<string, LateUpload>>;
  /** Forgets a show whose rest is stored, unless something waits again. */
  clear(playbackId: string): Promise<void>;
};

/** Whether a show's recording is better closed later: somebody is still storing its last segments. */
export function isStillUploading(upload: LateUpload | undefined, nowMs: number): boolean {
  return upload !== undefined && upload.waiting > 0 && nowMs - upload.atMs < LATE_UPLOAD_SILENT_MS;
}
