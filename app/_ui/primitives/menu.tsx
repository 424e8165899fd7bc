'use client';

import { Menu as Base } from '@base-ui/react/menu';
import type { ReactElement, ReactNode } from 'react';
import { cn } from '../cn.ts';

const popup =
  'min-w-48 rounded-panel border border-line bg-panel p-1 shadow-float outline-none transition-opacity duration-120 data-ending-style:opacity-0 data-starting-style:opacity-0 dark:bg-raised';
const item =
  'flex min-h-10 cursor-default items-center gap-2 rounded-control px-3 py-1.5 text-14 text-ink no-underline outline-none select-none data-disabled:opacity-50 data-highlighted:bg-hover pointer-coarse:min-h-11';

/** A button that opens a list of actions. `trigger` is the button element. */
export function Menu({
  trigger,
  children,
  align = 'end',
  defaultOpen = false,
}: {
  trigger: ReactElement;
  children: ReactNode;
  align?: 'start' | 'end';
  defaultOpen?: boolean;
}) {
  return (
    <Base.Root modal={false} defaultOpen={defaultOpen}>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner sideOffset={6} align={align} className="z-50 outline-none">
          <Base.Popup className={popup}>{children}</Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

export function MenuItem({
  onSelect,
  disabled,
  children,
}: {
  onSelect(): void;
  disabled?: boolean;
  children: ReactNode;
}) {
  return (
    <Base.Item className={item} onClick={onSelect} disabled={disabled}>
      {children}
    </Base.Item>
  );
}

/** An action that is a place: give the link element as `render`. */
export function MenuLink({ render, children }: { render: ReactElement; children: ReactNode }) {
  return (
    <Base.Item className={item} render={render} nativeButton={false}>
      {children}
    </Base.Item>
  );
}

export function MenuRadio<Value extends string>(props: {
  label: string;
  value: Value;
  options: readonly { value: Value; label: string }[];
  onChange(value: Value): void;
}) {
  return (
    <Base.Group>
      <Base.GroupLabel className="px-3 pt-2 pb-1 text-12 text-muted">{props.label}</Base.GroupLabel>
      <Base.RadioGroup value={props.value} onValueChange={(next: Value) => props.onChange(next)}>
        {props.options.map((option) => (
          <Base.RadioItem key={option.value} value={option.value} className={cn(item, 'justify-between')}>
            {option.label}
            <Base.RadioItemIndicator className="size-2 rounded-full bg-accent" />
          </Base.RadioItem>
        ))}
      </Base.RadioGroup>
    </Base.Group>
  );
}

export function MenuSeparator() {
  return <Base.Separator className="my-1 h-px bg-line" />;
}
