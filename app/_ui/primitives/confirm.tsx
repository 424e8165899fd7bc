'use client';

import { AlertDialog } from '@base-ui/react/alert-dialog';
import { useTranslations } from 'next-intl';
import type { ReactNode } from 'react';
import { Button } from './button.tsx';
import { backdropLook, popupLook } from './dialog.tsx';

/**
 * Asks before something that cannot be taken back. `consequence` names what happens ("Ends the show for 12 viewers"),
 * `action` is the verb on the button. Focus begins on the safe answer.
 */
export function Confirm(props: {
  open: boolean;
  onOpenChange(open: boolean): void;
  title: string;
  consequence: ReactNode;
  action: string;
  busy?: boolean;
  error?: string | null;
  onConfirm(): void;
}) {
  const t = useTranslations('common');
  return (
    <AlertDialog.Root open={props.open} onOpenChange={(open) => props.onOpenChange(open)}>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className={backdropLook} />
        <AlertDialog.Popup className={popupLook}>
          <AlertDialog.Title className="text-16 font-semibold">{props.title}</AlertDialog.Title>
          <AlertDialog.Description className="text-14 text-muted">{props.consequence}</AlertDialog.Description>
          {props.error && (
            <p role="alert" className="text-13 font-medium text-warn">
              {props.error}
            </p>
          )}
          <div className="flex flex-wrap justify-end gap-2">
            <AlertDialog.Close render={<Button tone="quiet" />}>{t('cancel')}</AlertDialog.Close>
            <Button tone="plain" busy={props.busy} onClick={props.onConfirm}>
              {props.action}
            </Button>
          </div>
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
