import type { LateUpload } from '#core/playback/live-feed';
import type { LateUploads } from '#core/recording/late-uploads';

/** Late uploads in memory; `note` is the engine's side. */
export function createMemoryLateUploads(): LateUploads & { note(playbackId: string, upload: LateUpload): void } {
  const notes = new Map<string, LateUpload>();
  return {
    note: (playbackId, upload) => void notes.set(playbackId, upload),
    list: async () => new Map(notes),
    async clear(playbackId) {
      if (notes.get(playbackId)?.waiting === 0) notes.delete(playbackId);
    },
  };
}
