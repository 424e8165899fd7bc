import { LAYOUTS, type Layout } from './scene.ts';

/**
 * A layout by its name in LiveKit's API. LiveKit's page knows `grid`, `speaker`, `single-speaker`, each with `-dark` or `-light`; empty is
 * its grid. Ours are taken by their own names, `scene` is what the room's metadata says.
 * @returns null for a name nobody knows
 */
export function layoutNamed(name: string): 'scene' | Layout | null {
  if (name === 'scene') return 'scene';
  const base = name.replace(/-(dark|light)$/, '');
  if (base === '') return 'grid';
  if (base === 'single-speaker') return 'single';
  return LAYOUTS.find((layout) => layout === base) ?? null;
}

/** The name in the metadata that LiveKit's UpdateLayout gives to a recorder, `{"layout":"…"}`; null for any other text. */
export function layoutWishOf(metadata: string | undefined): string | null {
  try {
    const read: unknown = JSON.parse(metadata ?? '');
    if (typeof read !== 'object' || read === null || !('layout' in read)) return null;
    return typeof read.layout === 'string' ? read.layout : null;
  } catch {
    return null;
  }
}
