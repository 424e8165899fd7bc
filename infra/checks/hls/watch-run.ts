import { setTimeout as wait } from 'node:timers/promises';
import { readInit } from '#core/playback/cmaf';
import { ladderFaults } from './ladder.ts';
import { nextOf, type ReadPlaylist, readPlaylist, readVariants, type Variant } from './playlist.ts';
import { changeFaults, deltaFaults, playlistFaults } from './rules.ts';

/** What a run was found to be: faults in words, and how much was looked at, so that an empty run does not pass. */
export type RunReport = {
  faults: string[];
  renditions: string[];
  versions: number;
  deltas: number;
  addresses: number;
  ended: boolean;
};

const REQUEST_MS = 15_000;

class Run {
  readonly report: RunReport = { faults: [], renditions: [], versions: 0, deltas: 0, addresses: 0, ended: false };
  readonly lists = new Map<string, { fps: number | null; read: ReadPlaylist }>();
  readonly #asked = new Set<string>();

  constructor(readonly untilMs: number) {}

  note(where: string, faults: readonly string[]): void {
    for (const fault of faults) {
      const text = `${where}: ${fault}`;
      if (!this.report.faults.includes(text)) this.report.faults.push(text);
    }
  }

  async get(url: string): Promise<Response> {
    return fetch(url, { signal: AbortSignal.timeout(REQUEST_MS) });
  }

  async text(url: string): Promise<string> {
    const answer = await this.get(url);
    if (!answer.ok) throw new Error(`${new URL(url).pathname} answers ${answer.status}`);
    return answer.text();
  }

  /** Every address that a list names answers. */
  async ask(where: string, base: string, uris: readonly string[]): Promise<void> {
    for (const uri of uris) {
      const url = new URL(uri, base).href;
      if (this.#asked.has(url)) continue;
      this.#asked.add(url);
      this.report.addresses++;
      const { status } = await fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(REQUEST_MS) });
      if (status !== 200) this.note(where, [`${uri} answers ${status}`]);
    }
  }
}

async function checkInit(run: Run, variant: Variant, base: string, read: ReadPlaylist): Promise<void> {
  for (const map of new Set(read.segments.flatMap((segment) => segment.map ?? []))) {
    const facts = readInit(new Uint8Array(await (await run.get(new URL(map, base).href)).arrayBuffer()));
    if (!facts) run.note(variant.id, [`${map} is no init segment of one track`]);
    else if (facts.kind !== variant.kind) run.note(variant.id, [`${map} is ${facts.kind}`]);
    else if (variant.codecs.length > 0 && !variant.codecs.includes(facts.codecs)) {
      run.note(variant.id, [`${map} is ${facts.codecs}, the list says ${variant.codecs.join()}`]);
    }
  }
}

/** A delta between two equal full lists is of the same version as they. */
async function checkDelta(run: Run, id: string, url: string, previous: ReadPlaylist): Promise<void> {
  const before = await run.text(url);
  const delta = await run.text(`${url}?_HLS_skip=YES`);
  if ((await run.text(url)) !== before) return;
  const read = readPlaylist(delta);
  if (read.skipped > 0) run.report.deltas++;
  run.note(id, deltaFaults(previous, read, readPlaylist(before)));
}

const checkable = ({ segments, open, hint }: ReadPlaylist) => ({
  segments: segments.slice(-3).flatMap(({ gap, uri, parts }) => (gap ? [] : [uri, ...parts.map((part) => part.uri)])),
  open: open.map(({ uri }) => uri),
  hint,
});

async function follow(run: Run, variant: Variant, base: string): Promise<void> {
  const url = new URL(variant.uri, base).href;
  let before: ReadPlaylist | null = null;
  while (Date.now() < run.untilMs) {
    const next: { msn: number; part: number } | null = before?.canBlock ? nextOf(before) : null;
    const read = readPlaylist(await run.text(next ? `${url}?_HLS_msn=${next.msn}&_HLS_part=${next.part}` : url));
    run.report.versions++;
    run.lists.set(variant.id, { fps: variant.kind === 'video' ? (variant.fps ?? 30) : null, read });
    run.note(variant.id, playlistFaults(read));
    if (before) run.note(variant.id, changeFaults(before, read));
    if (!before) await checkInit(run, variant, url, read);
    if (next && !read.ended) {
      const now = nextOf(read);
      const came = now.msn > next.msn || (now.msn === next.msn && now.part > next.part);
      if (!came) run.note(variant.id, ['bis 6.2.5.2: a blocking reload was answered without what it waited for']);
    }
    if (read.ended) {
      run.report.ended = true;
      return;
    }
    const { segments, open } = checkable(read);
    await run.ask(variant.id, url, [...segments, ...open]);
    if (read.canSkipS !== null && run.report.versions % 5 === 0) await checkDelta(run, variant.id, url, read);
    if (!read.canBlock) await wait(read.targetS * 500);
    before = read;
  }
}

/**
 * Follows every rendition of a show as a player does, and judges each version of each list, alone, against the one before, as a
 * delta, and against the other renditions.
 * @param url multivariant playlist
 */
export async function watchRun(url: string, { seconds }: { seconds: number }): Promise<RunReport> {
  const run = new Run(Date.now() + seconds * 1000);
  const variants = readVariants(await run.text(url));
  run.report.renditions = variants.map(({ id }) => id);
  await Promise.all(
    variants.map((variant) =>
      follow(run, variant, url).catch((error) => run.note(variant.id, [`could not be followed: ${error}`])),
    ),
  );
  run.note('ladder', ladderFaults([...run.lists].map(([id, list]) => ({ id, ...list }))));
  return run.report;
}
