'use client';

import { useSyncExternalStore } from 'react';
import type { PublicChannel } from '#core/broadcast/public-views';
import { call } from '../api.ts';

/** Who is signed in, as `GET /api/v1/session` tells it. */
export type Person = { id: string; name: string; email: string; isAdmin: boolean };
export type Session =
  | { status: 'loading' }
  /** The server did not answer; the page may still be looked at. */
  | { status: 'unknown' }
  | { status: 'signed-out' }
  | { status: 'signed-in'; person: Person; channels: PublicChannel[] };

type SessionAnswer = {
  actor: { kind: string; userId?: string; name?: string; email?: string; isAdmin?: boolean };
  channels?: PublicChannel[];
};

/** The API's answer in the page's words; whoever is no user counts as signed out. */
export function readSession(answer: SessionAnswer): Session {
  const { actor } = answer;
  if (actor.kind !== 'user' || !actor.userId) return { status: 'signed-out' };
  return {
    status: 'signed-in',
    person: {
      id: actor.userId,
      name: actor.name || actor.email || '',
      email: actor.email ?? '',
      isAdmin: actor.isAdmin ?? false,
    },
    channels: answer.channels ?? [],
  };
}

let current: Session = { status: 'loading' };
let asked: Promise<Session> | null = null;
const listeners = new Set<() => void>();

function set(next: Session): Session {
  current = next;
  for (const listener of listeners) listener();
  return next;
}

/** Asks again who is signed in; all pages and the header follow. Never throws. */
export function refreshSession(): Promise<Session> {
  asked = call<SessionAnswer>('GET', '/session')
    .then((answer) => set(readSession(answer)))
    .catch(() => set({ status: 'unknown' }));
  return asked;
}

export async function signIn(email: string, password: string): Promise<void> {
  await call('POST', '/session', { email, password });
  await refreshSession();
}

/** Uses up the one-time link of the first run. */
export async function signInByLink(token: string): Promise<void> {
  await call('POST', '/session/link', { token });
  await refreshSession();
}

export async function signOut(): Promise<void> {
  await call('DELETE', '/session');
  set({ status: 'signed-out' });
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (!asked) void refreshSession();
  return () => listeners.delete(listener);
}

const LOADING: Session = { status: 'loading' };

/** The session, shared by all components of a page and asked for once. */
export function useSession(): Session {
  return useSyncExternalStore(
    subscribe,
    () => current,
    () => LOADING,
  );
}
