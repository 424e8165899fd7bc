'use client';

import { Select as Base } from '@base-ui/react/select';
import { Check, ChevronsUpDown } from 'lucide-react';
import { cn } from '../cn.ts';
import { inputLook } from './input-look.ts';

export type SelectOption<Value extends string> = {
  value: Value;
  label: string;
  /** Second line in the list. */
  note?: string;
  disabled?: boolean;
};

export type SelectProps<Value extends string> = {
  label: string;
  /** Keeps the label for screen readers alone. */
  hideLabel?: boolean;
  options: readonly SelectOption<Value>[];
  value: Value | null;
  onChange(value: Value): void;
  placeholder?: string;
  disabled?: boolean;
  className?: string;
};

/** One of a short list. */
export function Select<Value extends string>(props: SelectProps<Value>) {
  const { label, hideLabel, options, value, onChange, placeholder, disabled, className } = props;
  return (
    <Base.Root
      items={options.map((option) => ({ value: option.value, label: option.label }))}
      value={value}
      onValueChange={(next) => next !== null && onChange(next)}
      disabled={disabled}
      modal={false}
    >
      <div className={cn('flex min-w-0 flex-col gap-1', className)}>
        <Base.Label className={cn('text-13 font-medium', hideLabel && 'sr-only')}>{label}</Base.Label>
        <Base.Trigger
          className={cn(inputLook, 'flex items-center justify-between gap-2 text-left data-disabled:opacity-60')}
        >
          <Base.Value placeholder={placeholder} className="min-w-0 truncate data-placeholder:text-muted" />
          <Base.Icon>
            <ChevronsUpDown aria-hidden className="size-4 text-muted" strokeWidth={1.75} />
          </Base.Icon>
        </Base.Trigger>
      </div>
      <Base.Portal>
        <Base.Positioner sideOffset={4} alignItemWithTrigger={false} className="z-50 outline-none">
          <Base.Popup className="max-h-(--available-height) w-(--anchor-width) min-w-56 overflow-y-auto rounded-panel border border-line bg-panel p-1 shadow-float outline-none transition-opacity duration-120 data-ending-style:opacity-0 data-starting-style:opacity-0 dark:bg-raised">
            <Base.List>
              {options.map((option) => (
                <Base.Item
                  key={option.value}
                  value={option.value}
                  disabled={option.disabled}
                  className="grid min-h-10 cursor-default grid-cols-[1fr_auto] items-center gap-x-3 rounded-control px-3 py-1.5 text-14 outline-none select-none data-disabled:opacity-50 data-highlighted:bg-hover pointer-coarse:min-h-11"
                >
                  <Base.ItemText className="min-w-0">{option.label}</Base.ItemText>
                  <Base.ItemIndicator className="row-span-2">
                    <Check aria-hidden className="size-4 text-link" />
                  </Base.ItemIndicator>
                  {option.note && <span className="col-start-1 text-12 text-muted">{option.note}</span>}
                </Base.Item>
              ))}
            </Base.List>
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
