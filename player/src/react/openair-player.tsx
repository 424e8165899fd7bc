'use client';

import { type DetailedHTMLProps, type HTMLAttributes, useEffect, useRef } from 'react';
import type { PlayerStatus } from '../core/phase.ts';

type ElementProps = DetailedHTMLProps<HTMLAttributes<HTMLElement>, HTMLElement> & {
  src?: string;
  poster?: string;
  autoplay?: '' | undefined;
  muted?: '' | undefined;
  state?: 'live' | 'ended' | undefined;
};

declare module 'react' {
  namespace JSX {
    interface IntrinsicElements {
      'openair-player': ElementProps;
    }
  }
}

export type OpenairPlayerProps = {
  /** Multivariant playlist: `…/play/{playbackId}/index.m3u8`. */
  src: string;
  title?: string;
  poster?: string;
  autoPlay?: boolean;
  muted?: boolean;
  onStatus?: (status: PlayerStatus) => void;
  className?: string;
};

/** `<openair-player>` for React: the element does the work, this passes properties in and its status out. */
export function OpenairPlayer({
  src,
  title,
  poster,
  autoPlay = true,
  muted = true,
  onStatus,
  className,
}: OpenairPlayerProps) {
  const ref = useRef<HTMLElement>(null);
  const latest = useRef(onStatus);
  latest.current = onStatus;
  useEffect(() => {
    const element = ref.current;
    const report = (event: Event) => {
      if (event instanceof CustomEvent) latest.current?.(event.detail as PlayerStatus);
    };
    element?.addEventListener('openair-status', report);
    void import('../define.ts').then(({ definePlayer }) => definePlayer());
    return () => element?.removeEventListener('openair-status', report);
  }, []);
  return (
    <openair-player
      ref={ref}
      src={src}
      title={title}
      poster={poster}
      autoplay={autoPlay ? '' : undefined}
      muted={muted ? '' : undefined}
      className={className}
      suppressHydrationWarning
    />
  );
}
