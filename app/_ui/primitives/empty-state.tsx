import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { cn } from '../cn.ts';

/** Says what belongs here; `action` makes the first one. `level` 1 where it is all that the page has. */
export function EmptyState(props: {
  icon: LucideIcon;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
  level?: 1 | 2;
  className?: string;
}) {
  const Icon = props.icon;
  const Title = props.level === 1 ? 'h1' : 'h2';
  return (
    <div
      className={cn(
        'flex flex-col items-center gap-3 rounded-panel border border-dashed border-line px-6 py-10 text-center',
        props.className,
      )}
    >
      <Icon aria-hidden className="size-6 text-muted" strokeWidth={1.75} />
      <div className="flex max-w-prose flex-col gap-1">
        <Title className="text-16 text-balance">{props.title}</Title>
        {props.children && <p className="text-balance text-muted">{props.children}</p>}
      </div>
      {props.action}
    </div>
  );
}
