import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { HealthPage } from '../../_ui/account/health-page.tsx';

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations('studio.admin');
  return { title: t('title') };
}

export default function AdminPage() {
  return <HealthPage />;
}
