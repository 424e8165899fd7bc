import type { ReactNode } from 'react';
import { SiteHeader } from '../_ui/account/site-header.tsx';
import { Messages } from '../_ui/i18n/messages.tsx';

export default function StudioLayout({ children }: { children: ReactNode }) {
  return (
    <Messages domains={['studio', 'chat', 'watch']}>
      <SiteHeader />
      {children}
    </Messages>
  );
}
