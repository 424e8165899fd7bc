'use client';

import { useCallback, useEffect, useRef, useState } from 'react';
import type { Lock, Unlocked } from '#core/broadcast/let-in';
import { isApiError } from '../api.ts';
import { enterAgain, type GateProblem, problemOf, takeTicket, unlock } from './unlock.ts';

export type GateState =
  | { kind: 'looking' }
  | { kind: 'asking'; problem: GateProblem | null; isBusy: boolean }
  | ({ kind: 'in' } & Unlocked);

/** A new address that is refused at once would be asked for without end: the origin hears of a change within two seconds. */
const BETWEEN_LOOKS_MS = 4000;

/** One browser before one gate. `lost` is told when what plays is refused: then the way in is looked for anew. */
export function useUnlock(id: string, lock: Lock) {
  const [state, setState] = useState<GateState>({ kind: 'looking' });
  const ticket = useRef<string | null>(null);
  const lastLookMs = useRef(0);
  const waiting = useRef<ReturnType<typeof setTimeout>>(undefined);

  const take = useCallback(async (asked: Promise<Unlocked | null>, wasIn = false) => {
    try {
      const unlocked = await asked;
      // Who was in and has nothing to show for it is told that it ended.
      const problem = wasIn ? ({ kind: 'pass-ended' } as const) : null;
      setState(unlocked ? { kind: 'in', ...unlocked } : { kind: 'asking', problem, isBusy: false });
    } catch (error) {
      setState({ kind: 'asking', problem: problemOf(error, Date.now()), isBusy: false });
    }
  }, []);

  const look = useCallback(
    (wasIn = false) => {
      lastLookMs.current = Date.now();
      const asked = enterAgain(id, lock, ticket.current);
      // Whoever comes back after a month is asked, and need not know why.
      return take(wasIn ? asked : asked.catch(forgetEnded), wasIn);
    },
    [id, lock, take],
  );
  useFocusOnEntry(state.kind);

  useEffect(() => {
    const find = () => {
      ticket.current = takeTicket(window) ?? ticket.current;
      void look();
    };
    find();
    // A ticket's link that is opened where this page is open already changes the address alone.
    const onHash = () => location.hash.startsWith('#ticket=') && find();
    window.addEventListener('hashchange', onHash);
    return () => {
      window.removeEventListener('hashchange', onHash);
      clearTimeout(waiting.current);
    };
  }, [look]);

  const submit = useCallback(
    (text: string) => {
      setState((old) => ({ kind: 'asking', problem: old.kind === 'asking' ? old.problem : null, isBusy: true }));
      void take(unlock(id, lock === 'password' ? { password: text } : { ticket: text }));
    },
    [id, lock, take],
  );
  const retry = useCallback(() => {
    setState({ kind: 'looking' });
    void look();
  }, [look]);
  const isIn = useRef(false);
  useEffect(() => {
    isIn.current = state.kind === 'in';
  }, [state.kind]);
  const lost = useCallback(() => {
    clearTimeout(waiting.current);
    const waitMs = Math.max(0, lastLookMs.current + BETWEEN_LOOKS_MS - Date.now());
    // Picture and chat both tell it: who stands before the gate again has been told why.
    waiting.current = setTimeout(() => isIn.current && void look(true), waitMs);
  }, [look]);
  return { state, submit, retry, lost };
}

function forgetEnded(error: unknown): null {
  if (isApiError(error) && error.code === 'pass-ended') return null;
  throw error;
}

/** The field that had the focus is gone with the gate: what came instead has it, and is read out. */
function useFocusOnEntry(kind: GateState['kind']): void {
  const wasAsked = useRef(false);
  useEffect(() => {
    if (kind === 'asking') wasAsked.current = true;
    if (kind !== 'in' || !wasAsked.current) return;
    wasAsked.current = false;
    document.querySelector<HTMLElement>('#main')?.focus();
  }, [kind]);
}
