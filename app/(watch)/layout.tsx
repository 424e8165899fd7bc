import type { ReactNode } from 'react';
import { SiteHeader } from '../_ui/account/site-header.tsx';
import { Messages } from '../_ui/i18n/messages.tsx';

export default function WatchLayout({ children }: { children: ReactNode }) {
  return (
    <Messages domains={['watch', 'chat']}>
      <SiteHeader />
      {children}
    </Messages>
  );
}
