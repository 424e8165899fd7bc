import { LADDER, ONE_RUNG, type Rungs } from '../lib/direct-egress.ts';
import type { FilePerson } from '../lib/file-publisher.ts';
import type { encodedFiles } from '../lib/media-files.ts';

type Files = Awaited<ReturnType<typeof encodedFiles>>;

/** One row of the bench: who is in the room, what is encoded, and the goal. */
export type EgressCase = {
  name: string;
  sources: number;
  /** Height of the largest layer each source publishes. */
  height: 720 | 360;
  rungs: Rungs;
  /** Cores; null = no goal, shown for comparison or overload. */
  goalCores: number | null;
};

export const CASES: EgressCase[] = [
  { name: '1 source, 1 rung', sources: 1, height: 720, rungs: ONE_RUNG, goalCores: 0.35 },
  { name: '1 source, ladder', sources: 1, height: 720, rungs: LADDER, goalCores: null },
  { name: '4 sources, 1 rung', sources: 4, height: 720, rungs: ONE_RUNG, goalCores: null },
  { name: '4 sources, ladder', sources: 4, height: 720, rungs: LADDER, goalCores: 1 },
  { name: '9 sources at 360p, ladder (overload)', sources: 9, height: 360, rungs: LADDER, goalCores: null },
];

/** People whose tracks are the files: every layer up to the case's height, as a browser with simulcast. */
export function peopleOf({ sources, height }: EgressCase, { layers, audio }: Files): FilePerson[] {
  return Array.from({ length: sources }, (_, at) => ({
    identity: `host_${at + 1}`,
    name: `Host ${at + 1}`,
    layers: layers.filter((layer) => layer.height <= height),
    audio,
  }));
}
