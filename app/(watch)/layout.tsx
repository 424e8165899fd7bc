import type { ReactNode } from 'react';
import { SiteHeader } from '../_ui/account/site-header.tsx';
import { Messages } from '../_ui/i18n/messages.tsx';
import { AfterFirstPicture } from '../_ui/watch/after-first-picture.tsx';

export default function WatchLayout({ children }: { children: ReactNode }) {
  return (
    <Messages domains={['watch', 'chat']}>
      <AfterFirstPicture>
        <SiteHeader />
        {children}
      </AfterFirstPicture>
    </Messages>
  );
}
