import type { Env } from './env.ts';

/**
 * The only builder of adapters. Each process asks for what it needs; connections are opened at first use and closed by `close`.
 */
export type Services = {
  env: Env;
  close(): Promise<void>;
};
