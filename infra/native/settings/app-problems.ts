import { readEnv } from '#wiring/env';

/** What the app's own parser would refuse, one line a setting. */
export function appProblems(env: Record<string, string>): string[] {
  try {
    readEnv(env);
    return [];
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return error.message
      .split('\n')
      .slice(1)
      .map((line) => line.trim().replace(/^([A-Z0-9_]+):/, '$1'));
  }
}
