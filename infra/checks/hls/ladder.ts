import type { ReadPlaylist } from './playlist.ts';

/** Sound is cut at whole AAC frames. */
const AAC_MS = (1024 * 1000) / 48_000;
const DATE_MS = 1.5;

type Told = { startMs: number; durationS: number; discontinuitySequence: number; gap: boolean };

function startsOf(read: ReadPlaylist): Map<number, Told> {
  const starts = new Map<number, Told>();
  let nextMs: number | null = null;
  for (const { msn, dateMs, durationS, discontinuitySequence, gap } of read.segments) {
    const startMs: number | null = dateMs ?? nextMs;
    if (startMs === null) continue;
    starts.set(msn, { startMs, durationS, discontinuitySequence, gap });
    nextMs = startMs + durationS * 1000;
  }
  return starts;
}

/**
 * Renditions of one show cut at the same instants, within a frame of either, with the same numbers and discontinuities (bis 6.2.4).
 * @param lists one playlist a rendition; `fps` null for sound
 */
export function ladderFaults(lists: readonly { id: string; fps: number | null; read: ReadPlaylist }[]): string[] {
  const [lead, ...others] = lists.map((list) => ({ ...list, starts: startsOf(list.read) }));
  if (!lead) return [];
  const frameMs = (fps: number | null) => (fps === null ? AAC_MS : 1000 / fps);
  const faults: string[] = [];
  for (const other of others) {
    const limitMs = Math.max(frameMs(lead.fps), frameMs(other.fps)) + DATE_MS;
    const pair = `${lead.id} and ${other.id}`;
    if (other.read.targetS !== lead.read.targetS) faults.push(`bis 6.2.4: ${pair} have different targets`);
    let shared = 0;
    for (const [msn, a] of lead.starts) {
      const b = other.starts.get(msn);
      if (!b) continue;
      shared++;
      const apartMs = Math.abs(a.startMs - b.startMs);
      if (apartMs > limitMs) faults.push(`bis 6.2.4: ${pair}: segment ${msn} begins ${apartMs.toFixed(1)} ms apart`);
      if (a.discontinuitySequence !== b.discontinuitySequence) {
        faults.push(`bis 6.2.4: ${pair}: segment ${msn} has different discontinuity sequences`);
      }
    }
    if (shared === 0) faults.push(`bis 6.2.4: ${pair} have no number in common`);
  }
  return faults;
}
