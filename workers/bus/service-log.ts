import type { BusLog } from './bus-wire.ts';

/** The part of pino the services use. */
export type ServiceLog = BusLog & {
  info(facts: object, message: string): void;
};
