import { type ClassValue, clsx } from 'clsx';
import { extendTailwindMerge } from 'tailwind-merge';

const merge = extendTailwindMerge({
  extend: {
    theme: { radius: ['control', 'panel', 'video'] },
    // Without this, `text-13` would pass for a colour and swallow `text-muted`.
    classGroups: { 'font-size': [{ text: ['12', '13', '14', '16', '20', '28', '40'] }] },
  },
});

/** Joins class names; of two that set the same property the later one wins. */
export function cn(...classes: ClassValue[]): string {
  return merge(clsx(classes));
}
