/**
 * A show that not everyone may watch plays under `…/play/{id}~{grant}/…`. A grant lives for minutes; the origin gives the next one to whoever
 * still holds a good one. The addresses that a playlist gave before stay as they are: each request is written anew with the newest grant.
 */

const PLAY = /^(.*\/play\/[A-Za-z0-9_-]+)~([A-Za-z0-9_.-]+)(\/.*)$/;
/** The first renewal comes soon after the start: what it answers, and no clock of this device, says when the next is due. */
const FIRST_MS = 3000;
const RETRY_MS = 5000;
/** Share of a grant's life after which the next is asked for: three more tries fit before the end. */
const DUE_SHARE = 0.6;
/** Viewers who came together are spread over this share of the time. */
const SPREAD_SHARE = 0.2;

/**
 * Which grant follows which, by `{show}~{grant}`, for all players of a page: what an engine that is built again goes on with. A grant that the
 * page was given anew follows none, and counts as it is.
 */
const lines = new Map<string, { newest: string }>();

/** The address with the newest grant that followed the one in it; unchanged when it has none, or none followed. */
export function withNewestGrant(url: string): string {
  const [, show = '', grant = '', rest = ''] = PLAY.exec(url) ?? [];
  const line = lines.get(`${show}~${grant}`);
  return line === undefined ? url : `${show}~${line.newest}${rest}`;
}

/** The newest grant of an address, as it stands after the `~`; null when it has none. */
export function grantIn(url: string): string | null {
  return PLAY.exec(withNewestGrant(url))?.[2] ?? null;
}

/** What keeping a grant needs of its surroundings. */
export type GrantWorld = {
  /** POST without a body; null when nobody answered. */
  post(url: string): Promise<{ status: number; body: unknown } | null>;
  /** @returns cancels */
  after(ms: number, task: () => void): () => void;
  /** 0 to 1. */
  random(): number;
};

/** @returns null when the answer is no grant */
function readRenewal(body: unknown): { grant: string; expiresInS: number } | null {
  if (typeof body !== 'object' || body === null || !('grant' in body) || !('expiresInS' in body)) return null;
  const { grant, expiresInS } = body;
  return typeof grant === 'string' && typeof expiresInS === 'number' && expiresInS > 0 ? { grant, expiresInS } : null;
}

/**
 * Renews the grant in an address for as long as somebody watches. Does nothing for an address without one. Ends by itself when the origin
 * refuses: the requests of the engine are then refused too, and say why.
 * @returns stop; idempotent
 */
export function keepGrant(url: string, world: GrantWorld = browser): () => void {
  const [, show, first = ''] = PLAY.exec(url) ?? [];
  let stopped = show === undefined;
  let cancel = () => {};
  const later = (ms: number) => {
    cancel = world.after(ms * (1 - SPREAD_SHARE * world.random()), () => void renew());
  };
  async function renew(): Promise<void> {
    const path = withNewestGrant(url).replace(PLAY, '$1~$2/renew');
    const answer = await world.post(path);
    if (stopped || show === undefined) return;
    // A refusal is final, silence and an origin in trouble are not.
    if (answer && answer.status >= 400 && answer.status < 500) return;
    const next = answer?.status === 200 ? readRenewal(answer.body) : null;
    if (next) {
      const line = lines.get(`${show}~${first}`) ?? { newest: next.grant };
      line.newest = next.grant;
      for (const grant of [first, next.grant]) lines.set(`${show}~${grant}`, line);
    }
    later(next ? next.expiresInS * 1000 * DUE_SHARE : RETRY_MS);
  }
  if (!stopped) later(FIRST_MS);
  return () => {
    stopped = true;
    cancel();
  };
}

const browser: GrantWorld = {
  async post(url) {
    try {
      const answer = await fetch(url, { method: 'POST', credentials: 'omit', cache: 'no-store' });
      return { status: answer.status, body: await answer.json().catch(() => null) };
    } catch {
      return null;
    }
  },
  after(ms, task) {
    const timer = setTimeout(task, ms);
    return () => clearTimeout(timer);
  },
  random: Math.random,
};
