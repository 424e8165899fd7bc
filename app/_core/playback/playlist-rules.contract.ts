import { expect } from 'vitest';
import { type ReadPlaylist, readPlaylist } from '../../../infra/checks/hls/playlist.ts';
import { changeFaults, deltaFaults, playlistFaults } from '../../../infra/checks/hls/rules.ts';

/** The validator's rules as expectations, and those of ours that no RFC asks for. */
export { readPlaylist };

/** Rules that one playlist keeps by itself. */
export function expectLawful(text: string): ReadPlaylist {
  const read = readPlaylist(text);
  const names = read.segments.filter(({ msn, uri, map }) => {
    return uri !== `${msn}.m4s` || (read.skipped === 0 && !/^init-\d+\.mp4$/.test(map ?? ''));
  });
  expect([playlistFaults(read), names]).toEqual([[], []]);
  return read;
}

/** Rules between one version of a live playlist and a later one. */
export function expectContinuous(before: ReadPlaylist, after: ReadPlaylist): void {
  expect(changeFaults(before, after)).toEqual([]);
}

/** A delta update put onto the playlist that came before it is the full playlist. */
export function expectDeltaEqualsFull(previous: ReadPlaylist, delta: ReadPlaylist, full: ReadPlaylist): void {
  expect(deltaFaults(previous, delta, full)).toEqual([]);
}
