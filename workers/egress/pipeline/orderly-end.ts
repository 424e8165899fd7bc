import type { Logger } from 'pino';

/** The steps of an end, one after the other: what fails in one is logged, and keeps no other from being done. */
export class OrderlyEnd {
  readonly #log: Logger;
  /** Names of the steps that failed. */
  readonly failed: string[] = [];

  constructor(log: Logger) {
    this.#log = log;
  }

  /** @returns what the step gives; undefined when it failed */
  async step<Value>(name: string, work: () => Value | Promise<Value>): Promise<Value | undefined> {
    try {
      return await work();
    } catch (error) {
      this.failed.push(name);
      this.#log.error({ step: name, err: String(error) }, 'a step of the end failed, the others go on');
      return undefined;
    }
  }
}
