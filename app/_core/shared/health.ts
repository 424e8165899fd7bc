/** How one part of the installation is. */
export type PartHealth = { ok: boolean; detail: string };
export type Health = { ok: boolean; parts: Record<string, PartHealth> };

/** Asks one part; resolves with a short detail, throws with the reason. */
export type Probe = () => Promise<string>;

/**
 * Asks all parts at once, each for at most `limitMs`. Never throws: a part that does not answer is told as such.
 * @param timer waits so many ms; handed in, the domain has no clock
 */
export async function askParts(
  probes: Readonly<Record<string, Probe>>,
  limitMs: number,
  timer: (ms: number) => Promise<void>,
): Promise<Health> {
  const late = async (): Promise<PartHealth> => {
    await timer(limitMs);
    return { ok: false, detail: `no answer within ${limitMs} ms` };
  };
  const asked = Object.entries(probes).map(async ([name, probe]): Promise<[string, PartHealth]> => {
    const answer = probe().then(
      (detail): PartHealth => ({ ok: true, detail }),
      (error: unknown): PartHealth => ({ ok: false, detail: error instanceof Error ? error.message : 'failed' }),
    );
    return [name, await Promise.race([answer, late()])];
  });
  const parts = Object.fromEntries(await Promise.all(asked));
  return { ok: Object.values(parts).every((part) => part.ok), parts };
}
