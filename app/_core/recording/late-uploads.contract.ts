import { describe, expect, test } from 'vitest';
import type { LateUpload } from '#core/playback/live-feed';
import type { LateUploads } from './late-uploads.ts';

/** What every list of late uploads does. @param make one where `playbackId` is unused; `note` is the engine's side */
export function describeLateUploadsContract(
  name: string,
  make: () => { uploads: LateUploads; playbackId: string; note(playbackId: string, upload: LateUpload): Promise<void> },
): void {
  describe(`${name} keeps the contract of late uploads`, () => {
    test('what the engine noted is listed, and the newest note counts', async () => {
      const { uploads, playbackId, note } = make();
      expect((await uploads.list()).get(playbackId)).toBeUndefined();
      await note(playbackId, { waiting: 7, atMs: 1000 });
      await note(playbackId, { waiting: 3, atMs: 2000 });
      expect((await uploads.list()).get(playbackId)).toEqual({ waiting: 3, atMs: 2000 });
      await note(playbackId, { waiting: 0, atMs: 3000 });
      await uploads.clear(playbackId);
    });

    test('only what is stored is forgotten', async () => {
      const { uploads, playbackId, note } = make();
      await note(playbackId, { waiting: 1, atMs: 1000 });
      await uploads.clear(playbackId);
      expect((await uploads.list()).get(playbackId)?.waiting).toBe(1);
      await note(playbackId, { waiting: 0, atMs: 2000 });
      await uploads.clear(playbackId);
      expect((await uploads.list()).get(playbackId)).toBeUndefined();
    });
  });
}
