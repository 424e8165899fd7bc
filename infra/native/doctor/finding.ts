/** One line of the doctor's sheet. */
export type Finding = { part: string; ok: boolean; detail: string /** What to do about a red one. */; fix?: string };

/** A look at one part; what it throws is the detail of a red line. */
export type Check = { part: string; fix: string; look(): Promise<string> };

/** @param withinMs a part that hangs is ill too */
export async function runCheck({ part, fix, look }: Check, withinMs = 10_000): Promise<Finding> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${withinMs / 1000} s`)), withinMs);
  });
  try {
    return { part, ok: true, detail: await Promise.race([look(), late]) };
  } catch (error) {
    return { part, ok: false, detail: error instanceof Error ? error.message || error.name : String(error), fix };
  } finally {
    clearTimeout(timer);
  }
}

export function formatFinding({ part, ok, detail, fix }: Finding): string {
  const line = `  ${ok ? 'ok' : '!!'} ${part.padEnd(16)} ${detail}`;
  return ok || !fix ? line : `${line}\n${' '.repeat(22)}→ ${fix}`;
}
