/** As bootstrap/progress.mjs makes it. */
export type Progress = {
  say(line: string): void;
  total(): string;
  step<T>(title: string, work: (note: (text: string) => void) => Promise<T> | T): Promise<T>;
};
