/** A step that cannot go on: a sentence for the person at the terminal (the twin of bootstrap/step-error.mjs, known by its name). */
export class StepError extends Error {
  readonly tail: string;
  readonly logFile: string;

  constructor(sentence: string, more: { tail?: string; logFile?: string } = {}) {
    super(sentence);
    this.name = 'StepError';
    this.tail = more.tail ?? '';
    this.logFile = more.logFile ?? '';
  }
}
