/** What storage did not take; in the frames of other sites' pages browsers block it. */
const unkept = new Map<string, string>();

/** Keeps a text in this browser. Storage may be blocked: then it lasts as long as the page. */
export function readKept(key: string): string | null {
  try {
    return localStorage.getItem(key) ?? unkept.get(key) ?? null;
  } catch {
    return unkept.get(key) ?? null;
  }
}

/** @param value null forgets it */
export function keep(key: string, value: string | null): void {
  unkept.delete(key);
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    if (value !== null) unkept.set(key, value);
  }
}
