import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { StudioPage } from '../../../_ui/studio/studio-page.tsx';

type Props = { params: Promise<{ channel: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const [{ channel }, t] = await Promise.all([params, getTranslations('studio')]);
  return { title: `${t('title')} · ${decodeURIComponent(channel)}` };
}

export default async function ChannelStudioPage({ params }: Props) {
  const { channel } = await params;
  return <StudioPage handle={decodeURIComponent(channel)} />;
}
