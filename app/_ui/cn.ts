import { type ClassValue, clsx } from 'clsx';

/**
 * Joins class names. Which of two that set the same property wins is decided by the style sheet, not by their order here: what overrides a
 * component's own look says so with Tailwind's `!` (`rounded-full!`).
 */
export function cn(...classes: ClassValue[]): string {
  return clsx(classes);
}
