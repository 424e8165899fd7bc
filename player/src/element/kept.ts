/** What the viewer chose, kept in this browser. Storage may be blocked in foreign frames: then it lasts as long as the page. */
export function readKept(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

export function keep(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // A choice that is not remembered is no failure.
  }
}
