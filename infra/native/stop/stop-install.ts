import { setTimeout as wait } from 'node:timers/promises';
import { endLeftovers, findLeftovers } from '../supervise/leftovers.ts';
import { isAlive, signal } from '../supervise/process-identity.ts';
import { dropState, readState } from '../supervise/state-file.ts';

/** The supervisor's own deadlines add up to less. */
const STOP_WITHIN_MS = 60_000;

/**
 * `npm stop`: ends the supervisor and waits until no process of the home is left.
 * @returns the exit code: 1 when something could not be ended
 */
export async function stopInstall(home: string, say: (line: string) => void): Promise<number> {
  const state = readState(home);
  const begunMs = Date.now();
  if (state && signal(state.supervisor, 'SIGTERM')) {
    while (isAlive(state.supervisor) && Date.now() - begunMs < STOP_WITHIN_MS) await wait(50);
    if (isAlive(state.supervisor)) signal(state.supervisor, 'SIGKILL');
  } else if (findLeftovers(home, state).length === 0) {
    dropState(home);
    say(`Nothing runs from ${home}.`);
    return 0;
  }
  const ended = await endLeftovers(home, state);
  if (ended > 0) say(`${ended} process${ended === 1 ? '' : 'es'} had to be ended by hand.`);
  const left = findLeftovers(home, state);
  for (const one of left) say(`Process ${one.pid} could not be ended.`);
  if (left.length > 0) return 1;
  dropState(home);
  say(`Openair is stopped (${((Date.now() - begunMs) / 1000).toFixed(1)} s).`);
  return 0;
}
