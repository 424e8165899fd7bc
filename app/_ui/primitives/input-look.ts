/** The look of a field, apart from the field: a page may want one without the other. */
export const inputLook =
  'min-h-11 w-full rounded-control border border-control bg-panel px-3 py-2 text-14 text-ink transition-colors duration-120 hover:border-muted aria-invalid:border-warn data-invalid:border-warn disabled:opacity-60 sm:min-h-10 dark:bg-raised';
