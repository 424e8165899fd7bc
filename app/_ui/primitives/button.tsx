'use client';

import { Button as BaseButton } from '@base-ui/react/button';
import type { VariantProps } from 'class-variance-authority';
import { LoaderCircle } from 'lucide-react';
import type { ComponentProps, ReactNode } from 'react';
import { cn } from '../cn.ts';
import { buttonLook } from './button-look.ts';

export type ButtonProps = ComponentProps<typeof BaseButton> &
  VariantProps<typeof buttonLook> & {
    /** Shows work in place; the button keeps its width and its focus, and does nothing meanwhile. */
    busy?: boolean;
  };

export function Button({ tone, size, busy = false, disabled, className, children, ...rest }: ButtonProps) {
  return (
    <BaseButton
      type="button"
      aria-busy={busy || undefined}
      disabled={disabled || busy}
      focusableWhenDisabled={busy}
      className={cn(buttonLook({ tone, size }), 'relative', className)}
      {...rest}
    >
      {busy && <LoaderCircle aria-hidden className="absolute size-4 animate-spin" />}
      <span className={cn('inline-flex items-center gap-2', busy && 'invisible')}>{children}</span>
    </BaseButton>
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
