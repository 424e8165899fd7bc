import { cva } from 'class-variance-authority';

/** Looks of a button; also for links that act as one: `<Link className={buttonLook({ tone: 'primary' })}>`. */
export const buttonLook = cva(
  'inline-flex shrink-0 select-none items-center justify-center gap-2 rounded-control border font-medium whitespace-nowrap transition-[background-color,border-color,opacity] duration-120 ease-out data-disabled:opacity-55 disabled:opacity-55',
  {
    variants: {
      tone: {
        primary: 'border-transparent bg-accent text-on-accent hover:not-data-disabled:bg-accent-hover',
        plain: 'border-control/60 bg-panel text-ink hover:not-data-disabled:bg-hover',
        quiet: 'border-transparent bg-transparent text-ink hover:not-data-disabled:bg-hover',
        /** Only for what is on air. */
        air: 'border-transparent bg-air-fill text-on-air hover:not-data-disabled:opacity-90',
      },
      size: {
        md: 'min-h-11 px-4 text-14 sm:min-h-10',
        lg: 'min-h-12 px-6 text-16',
        sm: 'min-h-9 px-3 text-13 pointer-coarse:min-h-11',
        icon: 'size-11 sm:size-10',
        'icon-sm': 'size-9 pointer-coarse:size-11',
      },
    },
    defaultVariants: { tone: 'plain', size: 'md' },
  },
);
