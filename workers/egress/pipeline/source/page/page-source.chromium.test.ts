import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { PageSourcePlan } from '../../../plan.ts';
import type { RawPicture } from '../../compose/inputs.ts';
import { type Answers, SHOW, servePages } from './fixtures/show-page.ts';
import { type LifeOptions, PageLife } from './page-life.ts';
import { PageSource } from './page-source.ts';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const WAIT = { timeout: 50_000, interval: 50 };
const [width, height] = [640, 360];

const lumaAt = ({ data }: RawPicture, x: number, y: number) => data[y * width + x] ?? 0;
/** U and V at a place, as BT.709 has them. */
const chromaAt = ({ data }: RawPicture, x: number, y: number) => {
  const at = width * height + Math.floor(y / 2) * (width / 2) + Math.floor(x / 2);
  return [data[at] ?? 0, data[at + (width * height) / 4] ?? 0];
};

/** Processes in which pages of this Chromium run: it has a process group of its own. */
function renderersOf(chromium: number): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => {
      if (!pid) return false;
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
        const group = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2]);
        return group === chromium && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('--type=renderer');
      } catch {
        return false;
      }
    });
}

/** One that has just gone by itself is as good. */
function endIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Loudest sample, and how often the left channel crosses zero upwards a second. */
class Ear {
  peak = 0;
  samples = 0;
  crossings = 0;
  #last = 0;
  write(block: Int16Array): void {
    for (let at = 0; at < block.length; at += 2) {
      const sample = block[at] ?? 0;
      this.peak = Math.max(this.peak, Math.abs(sample));
      if (this.#last < 0 && sample >= 0) this.crossings++;
      this.#last = sample;
      this.samples++;
    }
  }
}

// Eight starts of a browser beside other tests: one that the machine was too full for is tried once more.
describe.skipIf(!existsSync(CHROMIUM))('a page drawn in Chromium', { retry: 1 }, () => {
  let pages: Awaited<ReturnType<typeof servePages>>;
  let lives: PageLife[] = [];
  let source: PageSource<Ear> | null = null;
  let ended = 0;
  let failed: string[] = [];
  let logged: string[] = [];
  let egressId = '';
  let reasons: string[] = [];
  const log = pino({ level: 'warn' }, { write: (line: string) => void reasons.push(String(JSON.parse(line).why)) });

  beforeEach(() => {
    lives = [];
    ended = 0;
    failed = [];
    logged = [];
    reasons = [];
  });
  afterEach(async () => {
    await source?.close();
    pages.close();
  });

  /** @param forbid hosts and ports that count as not public */
  async function open(answers: Answers, path = '/show', more: Partial<PageSourcePlan> = {}, forbid: string[] = []) {
    pages = await servePages(answers);
    const plan: PageSourcePlan = {
      kind: 'page',
      url: `${pages.origin}${path}`,
      template: null,
      awaitStartSignal: false,
      browser: CHROMIUM,
      sandbox: process.getuid?.() === 0,
      memoryMb: 2048,
      flags: {},
      ...more,
    };
    const livekit = { url: 'ws://127.0.0.1:1', apiKey: 'k', apiSecret: 's'.repeat(32) };
    const wish = { width, height, fps: 30, picture: true, sound: true };
    const resolve = async ({ host, port }: { host: string; port: number }) => {
      if (forbid.includes(`${host}:${port}`) || host !== '127.0.0.1')
        throw Object.assign(new Error(), { code: 'EFORBIDDEN' });
      return host;
    };
    const openLife = (options: LifeOptions) => {
      const hear = (word: string) => {
        logged.push(word);
        options.logged(word);
      };
      const life = new PageLife({ ...options, logged: hear });
      lives.push(life);
      return life;
    };
    const events = { onEnd: () => ended++, onFailed: (why: string) => failed.push(why) };
    egressId = `EG_${Date.now().toString(36)}`;
    const page = { egressId, roomName: 'r', livekit, source: plan, wish };
    source = new PageSource<Ear>(page, () => new Ear(), { resolve, events, log, openLife });
    source.open();
    return source;
  }

  const person = () => source?.view().people[0];
  const picture = () => person()?.screenTap?.latest() ?? null;

  /** @throws Error with the reason when the page is given up */
  const begun = async (page: PageSource<Ear>) => {
    let ready = false;
    void page.ready().then(() => {
      ready = true;
    });
    await vi.waitFor(() => expect([ready, failed]).toEqual([true, []]), WAIT);
  };

  test('its picture moves in the right size and colours, and its sound is the tone it plays', async () => {
    const page = await open({ '/show': { body: SHOW } });
    await begun(page);
    expect(picture()).toMatchObject({ width, height, rotation: 0 });
    const seen = new Set<string>();
    await vi.waitFor(() => {
      const now = picture() as RawPicture;
      // White is somewhere in the upper half, nowhere in the lower one.
      seen.add(String([...Array(width).keys()].findIndex((x) => lumaAt(now, x, 10) > 200)));
      expect(lumaAt(now, 320, 350)).toBeLessThan(150);
      expect(seen.size).toBeGreaterThan(5);
    }, WAIT);
    // #00c000: BT.709 has luma 134, chroma 63 and 51; by BT.601 it would be 113, 72 and 57.
    const green = picture() as RawPicture;
    expect(Math.abs(lumaAt(green, 320, 350) - 134)).toBeLessThan(4);
    const [u = 0, v = 0] = chromaAt(green, 320, 350);
    expect([Math.abs(u - 63) < 4, Math.abs(v - 51) < 4]).toEqual([true, true]);
    const ear = await vi.waitFor(() => {
      const [heard] = person()?.sounds ?? [];
      expect(heard?.samples).toBeGreaterThan(48_000);
      return heard as Ear;
    }, WAIT);
    expect(ear.peak / 32_768).toBeCloseTo(0.5, 1);
    // A half second that Chromium got through without a pause, which a full machine may give it late.
    await vi.waitFor(async () => {
      const before = { crossings: ear.crossings, samples: ear.samples };
      await vi.waitFor(() => expect(ear.samples - before.samples).toBeGreaterThan(24_000), WAIT);
      const hz = ((ear.crossings - before.crossings) * 48_000) / (ear.samples - before.samples);
      expect(Math.abs(hz - 1000)).toBeLessThan(5);
    }, WAIT);
  }, 120_000);

  test('a page that is killed, renderer or Chromium as a whole, is opened again and its picture moves on', async () => {
    const page = await open({ '/show': { body: SHOW } });
    await begun(page);
    const asked = () => pages.asked.filter((path) => path === '/show').length;
    // The first one may have been given up on a full machine before it showed anything.
    const [began, first] = [asked(), lives.length];
    process.kill(lives.at(-1)?.pid ?? 0, 'SIGKILL');
    await vi.waitFor(() => expect(page.view().people).toEqual([]), WAIT);
    await vi.waitFor(() => expect(picture()).not.toBeNull(), WAIT);
    expect(lives.length).toBeGreaterThan(first);
    const second = lives.length;
    for (const pid of renderersOf(lives.at(-1)?.pid ?? 0)) endIfThere(pid);
    await vi.waitFor(() => expect(lives.length).toBeGreaterThan(second), WAIT);
    await vi.waitFor(() => expect(picture()).not.toBeNull(), WAIT);
    expect(failed).toEqual([]);
    expect(asked() - began).toBeGreaterThanOrEqual(2);
  }, 120_000);

  test('outputs wait for START_RECORDING where that was asked for, and END_RECORDING ends', async () => {
    const script =
      "fetch('/go').then(() => { console.log('START_RECORDING'); return fetch('/stop'); }).then(() => console.log('END_RECORDING'))";
    const held: (() => void)[] = [];
    const answers: Answers = { '/show': { body: `${SHOW}<script>${script}</script>` } };
    for (const path of ['/go', '/stop'])
      answers[path] = { body: '', after: new Promise((go) => held.push(go as () => void)) };
    const page = await open(answers, '/show', { awaitStartSignal: true });
    let ready = false;
    void page.ready().then(() => {
      ready = true;
    });
    await vi.waitFor(() => expect(picture()).not.toBeNull(), WAIT);
    expect(ready).toBe(false);
    held[0]?.();
    await vi.waitFor(() => expect(ready).toBe(true), WAIT);
    expect(ended).toBe(0);
    held[1]?.();
    await vi.waitFor(() => expect(ended).toBe(1), WAIT);
  }, 120_000);

  test('a page finds neither private addresses nor our own capture page, and no way around by WebRTC', async () => {
    const probe = `<!doctype html><script>
      const tell = (text) => console.log(text);
      const get = (name, url) => fetch(url, { mode: 'no-cors' }).then(() => tell(name + ' answered'), () => tell(name + ' failed'));
      const pc = new RTCPeerConnection(); pc.createDataChannel('x'); const found = [];
      pc.onicecandidate = ({ candidate }) => candidate ? found.push(candidate.candidate) : tell('webrtc ' + found.length);
      pc.createOffer().then((offer) => pc.setLocalDescription(offer));
      const socket = new WebSocket('ws://10.0.0.1/'); socket.onerror = () => tell('socket failed'); socket.onopen = () => tell('socket open');
      get('own', '/ok'); get('capture', 'http://capture.localhost/'); get('private', 'http://10.0.0.1/'); get('port', PRIVATE);
      window.open('/popup'); fetch('/shown');
    </script>`;
    const secret = await servePages({ '/': { body: 'secret' } });
    try {
      const body = probe.replace('PRIVATE', JSON.stringify(`${secret.origin}/`));
      await open({ '/show': { body }, '/ok': { body: '' }, '/shown': { body: '' } }, '/show', {}, [
        `127.0.0.1:${secret.port}`,
      ]);
      await vi.waitFor(
        () =>
          expect(logged.toSorted()).toEqual([
            'capture answered',
            'own answered',
            'port answered',
            'private answered',
            'socket failed',
            'webrtc 0',
          ]),
        WAIT,
      );
      expect(secret.asked).toEqual([]);
    } finally {
      secret.close();
    }
  }, 120_000);

  test('a private address is refused before Chromium is started', async () => {
    await open({}, '', { url: 'http://10.0.0.1/page' });
    await vi.waitFor(() => expect(failed).toEqual([expect.stringContaining('not public')]), WAIT);
    expect(lives[0]?.pid).toBeNull();
  });

  test('a page that redirects to a private address, answers an error or says one is given up with the reason', async () => {
    const cases: [Answers, RegExp][] = [
      [
        { '/show': { status: 302, body: '', headers: { location: 'http://10.0.0.1/x' } } },
        /10\.0\.0\.1:80, which is not a public address/,
      ],
      [{ '/show': { status: 503, body: 'away' } }, /answered 503/],
      [{ '/show': { body: '<div class="error">No such show</div>' } }, /says: No such show/],
    ];
    for (const [answers, reason] of cases) {
      failed = [];
      await open(answers);
      await vi.waitFor(() => expect(failed).toEqual([expect.stringMatching(reason)]), {
        timeout: 60_000,
        interval: 50,
      });
      await source?.close();
      pages.close();
    }
  }, 200_000);

  test('a page that takes more memory than it may is started anew, and given up when it goes on so', async () => {
    const page = await open({ '/show': { body: SHOW } }, '/show', { memoryMb: 1 });
    await begun(page);
    await vi.waitFor(() => expect(lives.length).toBeGreaterThan(1), WAIT);
    expect(reasons[0]).toContain('more than the 1 MB');
  }, 120_000);

  test('nothing is left of it: no process, no profile, nor of one that was killed', async () => {
    // Of a process that was killed; no process has this number.
    const left = join(tmpdir(), 'openair-page-EG_killed-99999999-abcdef');
    mkdirSync(left, { recursive: true });
    const page = await open({ '/show': { body: SHOW } });
    await begun(page);
    const pid = lives.at(-1)?.pid ?? 0;
    const profiles = () => readdirSync(tmpdir()).filter((name) => name.startsWith(`openair-page-${egressId}`));
    expect(profiles()).toHaveLength(1);
    expect(existsSync(left)).toBe(false);
    await page.close();
    expect(() => process.kill(pid, 0)).toThrow();
    expect(profiles()).toEqual([]);
  }, 120_000);
});
