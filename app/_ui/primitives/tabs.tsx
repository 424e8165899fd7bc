'use client';

import { Tabs as Base } from '@base-ui/react/tabs';
import type { ReactNode } from 'react';
import { cn } from '../cn.ts';

/** Panels of which one is seen. `keepMounted` keeps the others alive (a chat that must not lose its place). */
export function Tabs(props: {
  label: string;
  tabs: readonly { id: string; label: ReactNode; panel: ReactNode }[];
  defaultTab?: string;
  keepMounted?: boolean;
  className?: string;
  panelClassName?: string;
}) {
  return (
    <Base.Root
      defaultValue={props.defaultTab ?? props.tabs[0]?.id}
      className={cn('flex min-h-0 flex-col', props.className)}
    >
      <Base.List aria-label={props.label} className="relative flex shrink-0 gap-1 border-b border-line">
        {props.tabs.map((tab) => (
          <Base.Tab
            key={tab.id}
            value={tab.id}
            className="-mb-px min-h-10 border-b-2 border-transparent px-3 text-13 font-medium text-muted transition-colors duration-120 hover:text-ink data-active:border-accent data-active:text-ink pointer-coarse:min-h-11"
          >
            {tab.label}
          </Base.Tab>
        ))}
      </Base.List>
      {props.tabs.map((tab) => (
        <Base.Panel
          key={tab.id}
          value={tab.id}
          keepMounted={props.keepMounted}
          className={cn('min-h-0 flex-1 pt-4', props.panelClassName)}
        >
          {tab.panel}
        </Base.Panel>
      ))}
    </Base.Root>
  );
}
