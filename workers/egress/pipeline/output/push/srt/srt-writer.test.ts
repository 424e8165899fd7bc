import { mkdtemp, readdir, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { IOContext } from 'node-av/lib';
import { afterEach, expect, test, vi } from 'vitest';
import { SrtWriter } from './srt-writer.ts';

afterEach(() => vi.restoreAllMocks());

const target = { address: '127.0.0.1', port: 9, streamId: '', passphrase: '', keyLength: 16, latencyMs: 120 } as const;

/** Files that this process holds open. */
async function openFiles(): Promise<string[]> {
  const held = (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => ''));
  return Promise.all(held);
}

test('a connection that stands is let go of when its stream cannot be described', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'openair-test-'));
  const file = join(folder, 'connection');
  const connect = IOContext.prototype.open2;
  // A file in the connection's place can be seen from outside.
  const opened = vi.spyOn(IOContext.prototype, 'open2').mockImplementation(function (this: IOContext, _url, flags) {
    return connect.call(this, `file:${file}`, flags);
  });
  // Without picture and sound FFmpeg's muxer refuses to begin.
  await expect(SrtWriter.open(target, { video: null, audio: null })).rejects.toThrow();
  expect(opened).toHaveBeenCalledOnce();
  expect(await readdir(folder)).toEqual(['connection']);
  expect(await openFiles()).not.toContain(file);
  await rm(folder, { recursive: true });
});
