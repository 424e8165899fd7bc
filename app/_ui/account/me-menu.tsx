'use client';

import { Radio, Settings2 } from 'lucide-react';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { useTranslations } from 'next-intl';
import { cloneElement, useState } from 'react';
import { Button } from '../primitives/button.tsx';
import { buttonLook } from '../primitives/button-look.ts';
import { Skeleton } from '../primitives/skeleton.tsx';
import type { MeMenuList } from './me-menu-list.tsx';
import { signInPath } from './next-path.ts';
import { useSession } from './session.ts';

/** A quarter of a watch page's script, for a menu that few viewers open: it comes when a pointer or the focus comes near. */
const loadList = () => import('./me-menu-list.tsx').then((found) => found.MeMenuList);

/** "Go live", then who I am: my studio, language, theme, sign out. Keeps its width while it is not known who asks. */
export function MeMenu() {
  const t = useTranslations('common');
  const session = useSession();
  const path = usePathname();
  const [List, setList] = useState<typeof MeMenuList | null>(null);
  // Without a connection the button stays what it is; the next press tries again.
  const open = () =>
    void loadList().then(
      (loaded) => setList(() => loaded),
      () => {},
    );
  const comeNear = () => void loadList().catch(() => {});

  const me = session.status === 'signed-in' ? session.person : null;
  const trigger = me ? (
    <Button size="icon" tone="quiet" aria-label={t('menuOf', { name: me.name })} className="rounded-full!">
      <span
        aria-hidden
        className="grid size-8 place-items-center rounded-full border border-line bg-raised text-13 font-semibold uppercase"
      >
        {[...me.name][0] ?? '·'}
      </span>
    </Button>
  ) : (
    <Button size="icon" tone="quiet" aria-label={t('settings')} title={t('settings')}>
      <Settings2 aria-hidden className="size-5" strokeWidth={1.75} />
    </Button>
  );
  return (
    <div className="flex shrink-0 items-center justify-end gap-2">
      {me && !path.startsWith('/studio') && (
        <Link href="/studio" className={buttonLook({ tone: 'plain', size: 'sm' })}>
          <Radio aria-hidden className="size-4" strokeWidth={1.75} />
          {t('goLive')}
        </Link>
      )}
      {session.status === 'loading' && <Skeleton className="h-9 w-20" />}
      {!me && session.status !== 'loading' && path !== '/sign-in' && (
        <Link href={signInPath(path)} className={buttonLook({ tone: 'plain', size: 'sm' })}>
          {t('signIn')}
        </Link>
      )}
      {List ? (
        <List me={me} trigger={trigger} />
      ) : (
        cloneElement(trigger, {
          'aria-haspopup': 'menu',
          onClick: open,
          onFocus: comeNear,
          onPointerEnter: comeNear,
        })
      )}
    </div>
  );
}
