import type { ReactNode } from 'react';
import { cn } from '../cn.ts';

export type StateTone = 'off' | 'working' | 'air' | 'warn';

const dot: Record<StateTone, string> = {
  off: 'bg-control',
  working: 'bg-accent animate-pulse',
  air: 'bg-air',
  warn: 'bg-warn-dot',
};

/** The line at the top of every show page: state, clock, one sentence, and what can be done. */
export function StateLine(props: {
  tone: StateTone;
  state: string;
  clock?: string;
  clockLabel?: string;
  sentence: ReactNode;
  children?: ReactNode;
  className?: string;
}) {
  return (
    <div
      className={cn(
        'flex flex-wrap items-center gap-x-4 gap-y-2 rounded-panel border bg-panel px-4 py-2',
        props.tone === 'air' ? 'border-air/60' : props.tone === 'warn' ? 'border-warn/60' : 'border-line',
        props.className,
      )}
    >
      <div role="status" className="flex min-w-0 flex-1 basis-64 flex-wrap items-center gap-x-3 gap-y-1">
        <span className="inline-flex items-center gap-2 font-semibold whitespace-nowrap">
          <span aria-hidden className={cn('size-2.5 rounded-full', dot[props.tone])} />
          {props.state}
        </span>
        {props.clock !== undefined && (
          <span role="timer" aria-live="off" aria-label={props.clockLabel} className="tabular text-16 font-medium">
            {props.clock}
          </span>
        )}
        <span className="min-w-0 text-13 text-muted">{props.sentence}</span>
      </div>
      {props.children && <div className="flex flex-wrap items-center gap-2">{props.children}</div>}
    </div>
  );
}
