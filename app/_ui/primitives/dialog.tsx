'use client';

import { Dialog as Base } from '@base-ui/react/dialog';
import { X } from 'lucide-react';
import { useTranslations } from 'next-intl';
import type { ReactNode, RefObject } from 'react';
import { cn } from '../cn.ts';
import { buttonLook } from './button-look.ts';

export const popupLook =
  'fixed inset-x-4 top-1/2 z-50 mx-auto flex max-h-[calc(100dvh-2rem)] max-w-lg -translate-y-1/2 flex-col gap-4 overflow-y-auto rounded-panel border border-line bg-panel p-5 shadow-float outline-none transition-[opacity,scale] duration-200 ease-out data-ending-style:scale-[0.98] data-ending-style:opacity-0 data-starting-style:scale-[0.98] data-starting-style:opacity-0';
export const backdropLook =
  'fixed inset-0 z-50 bg-scrim transition-opacity duration-200 data-ending-style:opacity-0 data-starting-style:opacity-0';

/** While something is shown full screen, the browser shows nothing beside it: the window goes in there. */
function inSight(): HTMLElement | undefined {
  const full = typeof document === 'undefined' ? null : document.fullscreenElement;
  return full instanceof HTMLElement ? full : undefined;
}

/** A window over the page; Escape and a press outside close it, focus returns to where it was. */
export function Dialog(props: {
  open: boolean;
  onOpenChange(open: boolean): void;
  title: string;
  description?: ReactNode;
  children: ReactNode;
  /** What one came for; the first control of the window unless given. */
  initialFocus?: RefObject<HTMLElement | null>;
  className?: string;
}) {
  const t = useTranslations('common');
  return (
    <Base.Root open={props.open} onOpenChange={(open) => props.onOpenChange(open)}>
      <Base.Portal container={inSight()}>
        <Base.Backdrop className={backdropLook} />
        <Base.Popup className={cn(popupLook, props.className)} initialFocus={props.initialFocus}>
          <div className="flex items-start justify-between gap-4">
            <Base.Title className="text-16 font-semibold">{props.title}</Base.Title>
            <Base.Close
              aria-label={t('close')}
              className={cn(buttonLook({ tone: 'quiet', size: 'icon-sm' }), '-mt-1 -mr-2')}
            >
              <X aria-hidden className="size-4" strokeWidth={1.75} />
            </Base.Close>
          </div>
          {props.description && <Base.Description className="-mt-2 text-muted">{props.description}</Base.Description>}
          {props.children}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}
