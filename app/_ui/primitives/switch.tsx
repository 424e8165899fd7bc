'use client';

import { Switch as Base } from '@base-ui/react/switch';
import { cn } from '../cn.ts';

/** On or off, at once. `label` names it; `hideLabel` keeps the name for screen readers alone. */
export function Switch(props: {
  label: string;
  hideLabel?: boolean;
  checked: boolean;
  disabled?: boolean;
  onChange(checked: boolean): void;
  className?: string;
}) {
  return (
    <div className={cn('inline-flex min-h-10 items-center gap-3 text-14 pointer-coarse:min-h-11', props.className)}>
      <Base.Root
        aria-label={props.label}
        checked={props.checked}
        disabled={props.disabled}
        onCheckedChange={(checked) => props.onChange(checked)}
        className="relative inline-flex h-6 w-10 shrink-0 items-center rounded-full border border-control bg-raised transition-colors duration-120 data-checked:border-transparent data-checked:bg-accent data-disabled:opacity-55"
      >
        <Base.Thumb className="block size-4 translate-x-1 rounded-full bg-muted transition-transform duration-120 data-checked:translate-x-5 data-checked:bg-on-accent" />
      </Base.Root>
      {!props.hideLabel && <span aria-hidden>{props.label}</span>}
    </div>
  );
}
