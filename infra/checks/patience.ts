import { vi } from 'vitest';

/** A full machine is slow, not wrong: a condition is given time before it counts as failed, and the usual second is not enough. */
const WAIT_MS = 10_000;

const { waitFor, waitUntil } = vi;
const patient = (options?: Parameters<typeof waitFor>[1]) =>
  typeof options === 'number' ? options : { timeout: WAIT_MS, ...options };
vi.waitFor = (look, options) => waitFor(look, patient(options));
vi.waitUntil = (look, options) => waitUntil(look, patient(options));
