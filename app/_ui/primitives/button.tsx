'use client';

import type { VariantProps } from 'class-variance-authority';
import { LoaderCircle } from 'lucide-react';
import type { ComponentProps, ReactNode } from 'react';
import { cn } from '../cn.ts';
import { buttonLook } from './button-look.ts';

export type ButtonProps = ComponentProps<'button'> &
  VariantProps<typeof buttonLook> & {
    /** Shows work in place; the button keeps its width and its focus, and does nothing meanwhile. */
    busy?: boolean;
  };

/** A `<button>` as it is: a primitive of the library around it would weigh five kilobytes on pages that have no other. */
export function Button({ tone, size, busy = false, disabled, className, children, onClick, ...rest }: ButtonProps) {
  const off = disabled || busy;
  return (
    <button
      type="button"
      aria-busy={busy || undefined}
      aria-disabled={busy || undefined}
      data-disabled={off ? '' : undefined}
      disabled={disabled && !busy}
      className={cn(buttonLook({ tone, size }), 'relative', className)}
      {...rest}
      // Also keeps a busy submit button from sending its form once more.
      onClick={busy ? (event) => event.preventDefault() : onClick}
    >
      {busy && <LoaderCircle aria-hidden className="absolute size-4 animate-spin" />}
      <span className={cn('inline-flex items-center gap-2', busy && 'invisible')}>{children}</span>
    </button>
  );
}

/** A button with an icon alone: `label` is its name for those who do not see it, and its tooltip. */
export function IconButton({
  label,
  children,
  size = 'icon',
  tone = 'quiet',
  ...rest
}: Omit<ButtonProps, 'aria-label' | 'children'> & { label: string; children: ReactNode }) {
  return (
    <Button aria-label={label} title={label} size={size} tone={tone} {...rest}>
      {children}
    </Button>
  );
}
