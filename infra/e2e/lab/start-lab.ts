import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export type Lab = {
  /** The process of the origin, its stores and the pages. */
  pid: number;
  /** Where the pages are; `foreign` is the same under another origin. */
  pages: string;
  foreign: string;
  /** Changes what the origin knows of the show. */
  show(change: Record<string, unknown>): Promise<void>;
  /** Puts the show on air, with so many seconds of it already there. */
  live(historyS?: number): Promise<void>;
  /** Stops and continues the making of parts. */
  freeze(on: boolean): Promise<void>;
  /** Takes a rung away, or brings it back, as an engine without enough CPU does. */
  rung(id: '360p' | '180p', on: boolean): Promise<void>;
  end(): Promise<void>;
  /** Sends the viewer of `?src=granted` away. */
  revoke(): Promise<void>;
  close(): Promise<void>;
};

/** Starts lab/main.ts in a process of its own. */
export async function startLab(): Promise<Lab> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'infra/e2e/lab/main.ts'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const gone = new Promise((resolve) => child.once('exit', resolve));
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve);
    child.once('exit', (code) => reject(new Error(`the lab ended with ${code}`)));
  });
  const { pages, foreign } = JSON.parse(line) as { pages: string; foreign: string };
  const tell = async (path: string) => {
    const answer = await fetch(`${pages}/lab/${path}`, { method: 'POST' });
    if (!answer.ok) throw new Error(await answer.text());
  };
  let known: Record<string, unknown> = {};
  const show = (change: Record<string, unknown>) => {
    known = { ...known, ...change };
    return tell(`show?show=${encodeURIComponent(JSON.stringify(known))}`);
  };
  return {
    pid: child.pid ?? 0,
    pages,
    foreign,
    show,
    async live(historyS = 4) {
      await tell(`live?history=${historyS}`);
      await show({ state: 'live' });
    },
    revoke: () => tell('revoke'),
    freeze: (on) => tell(`freeze?on=${on ? 1 : 0}`),
    rung: (id, on) => tell(`rung?id=${id}&on=${on ? 1 : 0}`),
    async end() {
      await tell('end');
      await show({ state: 'ended' });
    },
    async close() {
      child.stdin.end();
      await gone;
    },
  };
}
