import type { SignGrant } from '#core/playback/playback-grant';
import { type GrantVerdict, judgeGrant } from '#core/playback/playback-grant';
import type { Show, ShowRegistry } from '#core/playback/show';
import type { Clock } from '#core/shared/clock';

/** A show is looked up again after this long, so that a raised epoch kills its grants within 5 s (S-19). */
const FRESH_MS = 2000;
const ABSENT_MS = 1000;
const MAX_KNOWN = 10_000;

type Known = { show: Show | null; at: number; asking: Promise<Show | null> | null };

/** Who may watch what: the registry's shows, remembered for two seconds, and the judgement of grants. */
export class ShowDesk {
  readonly #known = new Map<string, Known>();

  constructor(
    private readonly registry: ShowRegistry,
    private readonly sign: SignGrant,
    private readonly clock: Clock,
    private readonly onTrouble: (error: unknown) => void,
  ) {}

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
    if (this.#known.size >= MAX_KNOWN) {
      const oldest = this.#known.keys().next().value;
      if (oldest !== undefined) this.#known.delete(oldest);
    }
    const known: Known = { show: null, at: Number.NEGATIVE_INFINITY, asking: null };
    this.#known.set(playbackId, known);
    return known;
  }

  async #ask(playbackId: string, known: Known): Promise<Show | null> {
    try {
      const found = await this.registry.get(playbackId);
      // Storage may hold an older version than the one this process saw in Redis.
      if (!(found && known.show && found.version < known.show.version)) known.show = found;
      known.at = performance.now();
      return known.show;
    } catch (error) {
      this.onTrouble(error);
      if (!known.show) throw error;
      known.at = performance.now();
      return known.show;
    } finally {
      known.asking = null;
    }
  }

  judge(show: Show, grant: string | null): GrantVerdict {
    return judgeGrant(this.sign, show, grant, this.clock.now().getTime());
  }
}
