import {
  type Grant,
  type GrantVerdict,
  judgeGrant,
  readGrant,
  renewedGrant,
  type SignGrant,
  signGrant,
  siteMark,
} from '#core/playback/playback-grant';
import type { Revocations } from '#core/playback/revocations';
import type { Show, ShowRegistry } from '#core/playback/show';
import type { Clock } from '#core/shared/clock';

/** A show is looked up again after this long, so that a raised epoch or a viewer sent away ends grants within 5 s (S-19). */
const FRESH_MS = 2000;
const ABSENT_MS = 1000;
const MAX_KNOWN = 10_000;
/** Grants whose signature was checked; a viewer asks twenty times a second with the same one. */
const MAX_READ = 20_000;

type Known = { show: Show | null; revoked: ReadonlySet<string>; at: number; asking: Promise<Show | null> | null };

export type DeskParts = {
  registry: ShowRegistry;
  revocations: Pick<Revocations, 'list'>;
  sign: SignGrant;
  clock: Clock;
  onTrouble(error: unknown): void;
};

/** Who may watch what: the registry's shows and the viewers sent away, remembered for two seconds, and the judgement of grants. */
export class ShowDesk {
  readonly #known = new Map<string, Known>();
  readonly #read = new Map<string, ReturnType<typeof readGrant>>();
  readonly #marks = new Map<string, string>();

  constructor(private readonly parts: DeskParts) {}

  /**
   * The show, or null when there is none. While both stores are away the last known one stands: media goes on (DR-1).
   * @throws AppError 'unavailable' when it was never seen and cannot be asked for
   */
  async find(playbackId: string): Promise<Show | null> {
    const known = this.#known.get(playbackId) ?? this.#remember(playbackId);
    const ageMs = performance.now() - known.at;
    if (ageMs < (known.show ? FRESH_MS : ABSENT_MS)) return known.show;
    known.asking ??= this.#ask(playbackId, known);
    return known.asking;
  }

  #remember(playbackId: string): Known {
    dropOldest(this.#known, MAX_KNOWN);
    const known: Known = { show: null, revoked: new Set(), at: Number.NEGATIVE_INFINITY, asking: null };
    this.#known.set(playbackId, known);
    return known;
  }

  async #ask(playbackId: string, known: Known): Promise<Show | null> {
    const { registry, revocations, onTrouble } = this.parts;
    try {
      // Whoever was sent away stays away while that cannot be asked.
      const revoked = revocations.list(playbackId).catch((error) => {
        onTrouble(error);
        return known.revoked;
      });
      const found = await registry.get(playbackId);
      known.revoked = await revoked;
      // Storage may hold an older version than the one this process saw in Redis.
      if (!(found && known.show && found.version < known.show.version)) known.show = found;
      known.at = performance.now();
      return known.show;
    } catch (error) {
      onTrouble(error);
      if (!known.show) throw error;
      known.at = performance.now();
      return known.show;
    } finally {
      known.asking = null;
    }
  }

  /**
   * @param text the grant in the request's path
   * @param host whose page asks, as its browser tells; null when it does not
   */
  judge(show: Show, text: string | null, host: string | null): GrantVerdict {
    const { clock, sign } = this.parts;
    const read = text === null ? null : this.#readGrant(show.playbackId, text);
    const revoked = this.#known.get(show.playbackId)?.revoked ?? new Set();
    const bound = read !== null && typeof read === 'object' && read.site;
    const site = bound && host !== null ? this.#mark(sign, host) : null;
    return judgeGrant(show, read, { nowMs: clock.now().getTime(), revoked, site });
  }

  #readGrant(playbackId: string, text: string): ReturnType<typeof readGrant> {
    const key = `${playbackId}~${text}`;
    const known = this.#read.get(key);
    if (known !== undefined) return known;
    const read = readGrant(this.parts.sign, playbackId, text);
    // Forged ones are not remembered: there are as many as anyone likes to make.
    if (typeof read === 'object') {
      dropOldest(this.#read, MAX_READ);
      this.#read.set(key, read);
    }
    return read;
  }

  #mark(sign: SignGrant, host: string): string {
    const mark = this.#marks.get(host) ?? siteMark(sign, host);
    dropOldest(this.#marks, MAX_KNOWN);
    this.#marks.set(host, mark);
    return mark;
  }

  /** A new grant for one that holds; null when it may not be renewed. */
  renew(show: Show, grant: Grant): { grant: string; expiresAtS: number } | null {
    const { clock, sign } = this.parts;
    const next = renewedGrant(grant, clock.now().getTime());
    return next && { grant: signGrant(sign, show.playbackId, next), expiresAtS: next.expiresAtS };
  }
}

function dropOldest(map: Map<string, unknown>, most: number): void {
  if (map.size < most) return;
  const oldest = map.keys().next().value;
  if (oldest !== undefined) map.delete(oldest);
}
