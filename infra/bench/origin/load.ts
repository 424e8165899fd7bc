/**
 * Scripted viewers in a process of their own: four connections each, a list and a part of picture and of sound at a time, as a
 * low-latency player holds them. Started by the bench with its plan as the one argument; tells `begin` and `end` of the measured time.
 */
import { connect, type Socket } from 'node:net';
import { type Answered, AnswerReader } from './answer-reader.ts';

export type LoadPlan = {
  port: number;
  /** In front of `/720p/media.m3u8`. */
  path: string;
  viewers: number;
  /** Not counted, s: connections are made and caches filled. */
  warmS: number;
  seconds: number;
  partMs: number;
  partsASegment: number;
  renditions: string[];
  /**
   * `blocking`: asks for the next part and the list that has it as soon as it has the last, the server keeps it waiting.
   * `files`: asks at each part's time for files that are there, `fileCount` parts round and round.
   */
  how: { mode: 'blocking'; startedAtMs: number } | { mode: 'files'; fileCount: number };
};

export type LoadResult = {
  requests: number;
  lists: number;
  parts: number;
  bytes: number;
  failed: Record<string, number>;
  /** Time from the making of a part to its last byte here, ms. */
  delivery: { p50: number; p99: number; max: number; count: number };
  cache: { lists: Record<string, number>; parts: Record<string, number> };
  loadCores: number;
};

const plan = JSON.parse(process.argv[2] ?? '{}') as LoadPlan;
const RETRY_MS = 100;
const shared = Buffer.alloc(256 * 1024);
// Not performance.timeOrigin: it keeps the clock of the moment at which a process began, and clocks are set.
const now = () => Date.now();

let counting = false;
let over = false;
const result = { requests: 0, lists: 0, parts: 0, bytes: 0 };
const failed: Record<string, number> = {};
const cache: LoadResult['cache'] = { lists: {}, parts: {} };
const delivered: number[] = [];

function count(kind: 'lists' | 'parts', { status, bytes, stamp, cache: from }: Answered): void {
  if (!counting) return;
  result.requests++;
  result[kind]++;
  result.bytes += bytes;
  if (status !== 200) failed[status] = (failed[status] ?? 0) + 1;
  else if (kind === 'parts' && plan.how.mode === 'blocking') delivered.push(now() - stamp);
  if (from) cache[kind][from] = (cache[kind][from] ?? 0) + 1;
}

/** One connection that asks for one thing after the other. */
class Asker {
  readonly #socket: Socket;
  busy = false;

  constructor(
    readonly kind: 'lists' | 'parts',
    readonly onAnswer: (asker: Asker, status: number) => void,
  ) {
    const reader = new AnswerReader((answer) => {
      this.busy = false;
      count(kind, answer);
      if (!over) this.onAnswer(this, answer.status);
    });
    const callback = (size: number, buffer: Uint8Array) => {
      reader.take((buffer as Buffer).subarray(0, size));
      return true;
    };
    this.#socket = connect({ port: plan.port, host: '127.0.0.1', onread: { buffer: shared, callback } });
    this.#socket.setNoDelay(true);
    this.#socket.on('error', (error) => {
      failed[String((error as NodeJS.ErrnoException).code)] =
        (failed[String((error as NodeJS.ErrnoException).code)] ?? 0) + 1;
    });
  }

  ask(path: string): void {
    this.busy = true;
    this.#socket.write(`GET ${plan.path}${path} HTTP/1.1\r\nHost: bench\r\nAccept-Encoding: gzip\r\n\r\n`);
  }

  close(): void {
    this.#socket.destroy();
  }
}

/** Where the feed stands by the clock. */
const edge = (startedAtMs: number) => Math.floor((Date.now() - startedAtMs) / plan.partMs);

function partOf(k: number, rendition: string, kind: 'lists' | 'parts'): string {
  const [m, p] = [Math.floor(k / plan.partsASegment), k % plan.partsASegment];
  if (kind === 'parts') return `/${rendition}/${m}.${p}.m4s`;
  return `/${rendition}/media.m3u8?_HLS_msn=${m}&_HLS_part=${p}&_HLS_skip=YES`;
}

const askers: Asker[] = [];

function startBlocking(startedAtMs: number): void {
  for (let viewer = 0; viewer < plan.viewers; viewer++) {
    for (const rendition of plan.renditions) {
      for (const kind of ['lists', 'parts'] as const) {
        let k = edge(startedAtMs) + 1;
        const asker = new Asker(kind, (each, status) => {
          if (status === 200) {
            k++;
            each.ask(partOf(k, rendition, kind));
          } else {
            setTimeout(() => {
              k = edge(startedAtMs) + 1;
              each.ask(partOf(k, rendition, kind));
            }, RETRY_MS);
          }
        });
        askers.push(asker);
        asker.ask(partOf(k, rendition, kind));
      }
    }
  }
}

function startFiles(fileCount: number): NodeJS.Timeout {
  for (let viewer = 0; viewer < plan.viewers; viewer++) {
    for (const kind of plan.renditions.flatMap(() => ['lists', 'parts'] as const))
      askers.push(new Asker(kind, () => {}));
  }
  let turn = 0;
  return setInterval(() => {
    turn++;
    for (let i = 0; i < askers.length; i++) {
      const asker = askers[i];
      const rendition = plan.renditions[Math.floor((i % (2 * plan.renditions.length)) / 2)] ?? '';
      if (!asker || asker.busy) continue;
      asker.ask(asker.kind === 'lists' ? `/${rendition}/media.m3u8` : `/${rendition}/${turn % fileCount}.m4s`);
    }
  }, plan.partMs);
}

const at = (share: number) =>
  delivered[Math.min(delivered.length - 1, Math.floor(delivered.length * share))] ?? Number.NaN;

const timer = plan.how.mode === 'files' ? startFiles(plan.how.fileCount) : startBlocking(plan.how.startedAtMs);
setTimeout(() => {
  counting = true;
  const cpu = process.cpuUsage();
  const began = performance.now();
  process.send?.('begin');
  setTimeout(() => {
    counting = false;
    const used = process.cpuUsage(cpu);
    const loadCores = (used.user + used.system) / 1000 / (performance.now() - began);
    process.send?.('end');
    over = true;
    clearInterval(timer ?? undefined);
    delivered.sort((a, b) => a - b);
    const delivery = { p50: at(0.5), p99: at(0.99), max: at(1), count: delivered.length };
    process.send?.({ ...result, failed, delivery, cache, loadCores } satisfies LoadResult, () => {
      for (const asker of askers) asker.close();
      process.exit(0);
    });
  }, plan.seconds * 1000);
}, plan.warmS * 1000);
