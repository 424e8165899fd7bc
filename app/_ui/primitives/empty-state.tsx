import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { cn } from '../cn.ts';

/** Says what belongs here; `action` makes the first one. */
export function EmptyState(props: {
  icon: LucideIcon;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
  className?: string;
}) {
  const Icon = props.icon;
  return (
    <div
      className={cn(
        'flex flex-col items-center gap-3 rounded-panel border border-dashed border-line px-6 py-10 text-center',
        props.className,
      )}
    >
      <Icon aria-hidden className="size-6 text-muted" strokeWidth={1.75} />
      <div className="flex max-w-prose flex-col gap-1">
        <h2 className="text-16">{props.title}</h2>
        {props.children && <p className="text-muted">{props.children}</p>}
      </div>
      {props.action}
    </div>
  );
}
