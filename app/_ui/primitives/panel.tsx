import type { ReactNode } from 'react';
import { useId } from 'react';
import { cn } from '../cn.ts';

/** A titled box of the desk. */
export function Panel(props: {
  title?: string;
  actions?: ReactNode;
  children: ReactNode;
  className?: string;
  bodyClassName?: string;
}) {
  const id = useId();
  return (
    <section
      aria-labelledby={props.title ? id : undefined}
      className={cn('flex flex-col rounded-panel border border-line bg-panel', props.className)}
    >
      {props.title && (
        <header className="flex min-h-11 items-center justify-between gap-3 border-b border-line px-4 py-1">
          <h2 id={id} className="text-14 font-semibold">
            {props.title}
          </h2>
          {props.actions}
        </header>
      )}
      <div className={cn('flex flex-col gap-4 p-4', props.bodyClassName)}>{props.children}</div>
    </section>
  );
}
