/** Rules for a channel's handle as the form checks them while one types; the API decides. */
export const HANDLE_MIN = 3;
export const HANDLE_MAX = 32;

/** What is wrong with a handle, as a key of `studio.create.handleProblem`; null when nothing is. */
export function handleProblem(handle: string): 'short' | 'long' | 'characters' | 'edges' | null {
  if (/[^a-z0-9-]/.test(handle)) return 'characters';
  if (/^-|-$/.test(handle)) return 'edges';
  if (handle.length < HANDLE_MIN) return 'short';
  if (handle.length > HANDLE_MAX) return 'long';
  return null;
}

/** A handle made of a name: `Café Größe 2` → `cafe-groesse-2`. May be too short to be valid. */
export function suggestHandle(name: string): string {
  return name
    .toLowerCase()
    .replace(/ß/g, 'ss')
    .replace(/ä/g, 'ae')
    .replace(/ö/g, 'oe')
    .replace(/ü/g, 'ue')
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, HANDLE_MAX)
    .replace(/^-+|-+$/g, '');
}
