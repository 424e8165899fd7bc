'use client';

import { TriangleAlert } from 'lucide-react';
import { useTranslations } from 'next-intl';
import type { ReactNode } from 'react';
import { cn } from '../cn.ts';
import { Button } from './button.tsx';

/** Says what happened and how to mend it, with a second try where that may help. */
export function ErrorState(props: {
  title: string;
  children?: ReactNode;
  onRetry?(): void;
  busy?: boolean;
  action?: ReactNode;
  className?: string;
}) {
  const t = useTranslations('common');
  return (
    <div
      role="alert"
      className={cn(
        'flex flex-col items-start gap-3 rounded-panel border border-warn/50 bg-warn-fill p-5',
        props.className,
      )}
    >
      <div className="flex gap-3">
        <TriangleAlert aria-hidden className="mt-0.5 size-5 shrink-0 text-warn" strokeWidth={1.75} />
        <div className="flex flex-col gap-1">
          <h2 className="text-16">{props.title}</h2>
          {props.children && <div className="text-muted">{props.children}</div>}
        </div>
      </div>
      {(props.onRetry || props.action) && (
        <div className="flex flex-wrap gap-2 pl-8">
          {props.onRetry && (
            <Button busy={props.busy} onClick={props.onRetry}>
              {t('tryAgain')}
            </Button>
          )}
          {props.action}
        </div>
      )}
    </div>
  );
}
