import { cva, type VariantProps } from 'class-variance-authority';
import type { ReactNode } from 'react';
import { cn } from '../cn.ts';

const look = cva(
  'inline-flex items-center gap-1.5 rounded-full border px-2 py-0.5 text-12 font-medium whitespace-nowrap',
  {
    variants: {
      tone: {
        neutral: 'border-line bg-raised text-muted',
        good: 'border-good/40 bg-transparent text-good',
        warn: 'border-warn/40 bg-warn-fill text-warn',
        mod: 'border-mod/40 bg-transparent text-mod',
        accent: 'border-link/40 bg-transparent text-link',
      },
    },
    defaultVariants: { tone: 'neutral' },
  },
);

export function Badge({
  tone,
  className,
  children,
}: VariantProps<typeof look> & { className?: string; children: ReactNode }) {
  return <span className={cn(look({ tone }), className)}>{children}</span>;
}

/** The red pill. `behind` turns it grey: playing, but not at the live edge. The word comes from the caller's messages. */
export function LiveBadge({
  label,
  behind = false,
  className,
}: {
  label: string;
  behind?: boolean;
  className?: string;
}) {
  return (
    <span
      className={cn(
        'inline-flex items-center gap-1.5 rounded-full px-2.5 py-0.5 text-12 font-semibold tracking-wide',
        behind ? 'bg-muted text-panel' : 'bg-air-fill text-on-air',
        className,
      )}
    >
      <span aria-hidden className="size-1.5 rounded-full bg-current" />
      {label}
    </span>
  );
}
