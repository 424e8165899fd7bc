/** Where a line goes: pino in the processes, nothing in tests. Facts first, then the sentence; secrets never. */
export type Log = {
  debug(facts: Record<string, unknown>, sentence: string): void;
  info(facts: Record<string, unknown>, sentence: string): void;
  warn(facts: Record<string, unknown>, sentence: string): void;
  error(facts: Record<string, unknown>, sentence: string): void;
};

/** Swallows everything; for tests and for callers that do not care. */
export const SILENT: Log = { debug() {}, info() {}, warn() {}, error() {} };
