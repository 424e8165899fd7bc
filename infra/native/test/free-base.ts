import { ownPorts, portsFrom } from '../settings/ports.ts';
import { StepError } from '../step-error.ts';
import { findHolders } from '../supervise/port-holders.ts';
import { runningState } from '../supervise/state-file.ts';

const STEP = 300;
const TRIES = 20;

/**
 * @param from where to begin looking
 * @param home if an install runs from it already, its block is the answer
 * @returns the base of a block of ports that nobody uses
 */
export async function freeBase(from: number, home: string): Promise<number> {
  const running = runningState(home);
  if (running) return running.base;
  for (let at = 0; at < TRIES; at++) {
    const base = from + at * STEP;
    const { turn, livekitUdpStart, relayEnd } = portsFrom(base);
    const udp = [
      turn,
      ...Array.from({ length: relayEnd - livekitUdpStart + 1 }, (_, offset) => livekitUdpStart + offset),
    ];
    if (findHolders(ownPorts(base), udp).length === 0) return base;
  }
  throw new StepError(`No free block of ports between ${from} and ${from + STEP * TRIES}: give one with --port N.`);
}
