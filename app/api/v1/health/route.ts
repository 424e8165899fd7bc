import { setTimeout as wait } from 'node:timers/promises';
import { askParts } from '#core/shared/health';
import { getServices } from '#wiring/next';
import { answerJson } from '../../_http/answer.ts';

export const dynamic = 'force-dynamic';

/** Each part gets this long; the whole answer takes no longer. */
const LIMIT_MS = 2_000;

/** Always 200 while web runs; what is missing stands in `parts`. No sign-in: it tells states, no names and no versions. */
export async function GET(): Promise<Response> {
  try {
    return answerJson(await askParts(getServices().probes, LIMIT_MS, (ms) => wait(ms, undefined, { ref: false })));
  } catch (error) {
    const detail =
      error instanceof Error && error.name === 'AppError' ? 'the configuration has problems; see the log' : 'failed';
    return answerJson({ ok: false, parts: { web: { ok: false, detail } } });
  }
}
