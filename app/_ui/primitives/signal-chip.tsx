import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { cn } from '../cn.ts';

export type SignalTone = 'idle' | 'working' | 'good' | 'warn';

const dot: Record<SignalTone, string> = {
  idle: 'bg-control',
  working: 'bg-accent animate-pulse',
  good: 'bg-good-dot',
  warn: 'bg-warn-dot',
};

/** One part's health in a word and a figure: `Ingest · good · 3.1 Mbit/s`. The word carries the meaning, the colour repeats it. */
export function SignalChip(props: {
  icon: LucideIcon;
  name: string;
  tone: SignalTone;
  word: string;
  figure?: ReactNode;
  title?: string;
  className?: string;
}) {
  const Icon = props.icon;
  return (
    <span
      title={props.title}
      className={cn(
        'inline-flex min-h-8 items-center gap-2 rounded-control border px-2.5 text-13',
        props.tone === 'warn' ? 'border-warn/50 bg-warn-fill' : 'border-line bg-panel',
        props.className,
      )}
    >
      <Icon aria-hidden className="size-4 shrink-0 text-muted" strokeWidth={1.75} />
      <span className="text-muted">{props.name}</span>
      <span aria-hidden className={cn('size-2 shrink-0 rounded-full', dot[props.tone])} />
      <span className={cn('font-medium', props.tone === 'warn' && 'text-warn')}>{props.word}</span>
      {props.figure !== undefined && <span className="tabular text-muted">{props.figure}</span>}
    </span>
  );
}
