/** Remembers in this tab which broadcast its camera is in, so that a reload goes on sending. */
const name = (handle: string) => `openair.sending.${handle}`;

export const onAirMark = {
  get(handle: string): string | null {
    try {
      return sessionStorage.getItem(name(handle));
    } catch {
      return null;
    }
  },
  set(handle: string, broadcastId: string | null): void {
    try {
      if (broadcastId === null) sessionStorage.removeItem(name(handle));
      else sessionStorage.setItem(name(handle), broadcastId);
    } catch {
      // Without storage a reload asks for a press on "Send from this window".
    }
  },
};
