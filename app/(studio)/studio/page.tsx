import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { StudioHome } from '../../_ui/studio/studio-home.tsx';

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations('studio');
  return { title: t('title') };
}

export default function StudioHomePage() {
  return <StudioHome />;
}
