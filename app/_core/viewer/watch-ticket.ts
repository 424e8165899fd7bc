import { equalTexts, type SignGrant } from '#core/playback/playback-grant';

/** A one-time link to one broadcast: the first browser that opens it keeps it. */
export type WatchTicket = {
  /** `tk_…`; also its holder's name in playback grants. */
  id: string;
  broadcastId: string;
  /** Whom the host made it for, for the host alone. */
  label: string;
  createdAt: Date;
  claimedAt: Date | null;
  revokedAt: Date | null;
};

export type Claim = 'yours' | 'taken' | 'revoked' | 'unknown';

/** Port: the tickets of broadcasts. */
export type WatchTickets = {
  add(tickets: readonly Omit<WatchTicket, 'claimedAt' | 'revokedAt'>[]): Promise<void>;
  /** Oldest first. */
  find(broadcastId: string): Promise<WatchTicket[]>;
  get(id: string): Promise<WatchTicket | null>;
  /**
   * Of two browsers at the same moment only one gets it; whoever has it gets it again.
   * @param holder what only that browser knows; stored as a hash
   */
  claim(id: string, holder: string, now: Date): Promise<Claim>;
  /** Null when the broadcast has no such ticket; one that was taken back stays so, with its first time. */
  revoke(broadcastId: string, id: string, now: Date): Promise<WatchTicket | null>;
};

const CODE = /^(tk_[A-Za-z0-9]{1,40})\.([A-Za-z0-9_-]{22})$/;
/** 132 bits: no rate limit is needed against guessing. */
const MARK_LENGTH = 22;

const markOf = (sign: SignGrant, id: string): string => sign(`watch-ticket\nv1\n${id}`).slice(0, MARK_LENGTH);

/** What stands in a ticket's link. It is made of the id and the install's key, so no table holds it. */
export const ticketCode = (sign: SignGrant, id: string): string => `${id}.${markOf(sign, id)}`;

/** Behind `#`, which no browser sends: it is in no log, and readers of links do not use it up. */
export const ticketLink = (watchUrl: string, code: string): string => `${watchUrl}#ticket=${code}`;

/** Reads a code, or the whole link that it stands in. @returns the ticket's id, or null */
export function readTicket(sign: SignGrant, text: string): string | null {
  const [, id = '', mark = ''] = CODE.exec(text.trim().replace(/^.*#ticket=/, '')) ?? [];
  return mark !== '' && equalTexts(markOf(sign, id), mark) ? id : null;
}
