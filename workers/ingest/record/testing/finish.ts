import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { finishInput } from '#core/ingest/finish-input';
import { PIECE_NAME } from '#core/ingest/input-recording';
import { createMemoryMediaStorage } from '../../../../app/_adapters/memory/media-storage.ts';
import type { MemoryDesk } from './memory-desk.ts';

/** The file that is made of what the desk has of a recording. @returns its path */
export async function finish(folder: string, desk: MemoryDesk, id: string): Promise<string> {
  const storage = createMemoryMediaStorage();
  for (const [key, body] of desk.pieces) {
    expect(key.slice(id.length + 1)).toMatch(PIECE_NAME);
    if (key.startsWith(id)) await storage.put(`inputs/${key}`, body, 'video/mp4');
  }
  const note = desk.notes.get(id);
  const recording = { id, startedAt: new Date(), durationMs: note?.durationMs ?? 0, samples: note?.samples ?? {} };
  expect(await finishInput(storage, recording, { wait: async () => undefined })).not.toBeNull();
  const file = join(folder, `${id}-${Math.random().toString(36).slice(2)}.mp4`);
  await writeFile(file, storage.objects.get(`inputs/${id}/input.mp4`) ?? new Uint8Array());
  return file;
}
