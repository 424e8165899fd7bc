/** A step that cannot go on: a sentence for the person at the terminal, and what the failing command said last. */
export class StepError extends Error {
  /**
   * @param {string} sentence what is wrong and what to do
   * @param {{ tail?: string, logFile?: string }} [more] last lines of the failing command, and where all of them are
   */
  constructor(sentence, more = {}) {
    super(sentence);
    this.name = 'StepError';
    this.tail = more.tail ?? '';
    this.logFile = more.logFile ?? '';
  }
}
