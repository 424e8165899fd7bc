'use client';

import { type DetailedHTMLProps, type HTMLAttributes, type ReactNode, type Ref, useEffect, useRef } from 'react';
import type { PlayerStatus } from '../core/phase.ts';
import type { OpenairPlayerElement } from '../element/openair-player.ts';

type ElementProps = DetailedHTMLProps<HTMLAttributes<HTMLElement>, HTMLElement> & {
  src?: string;
  poster?: string;
  channel?: string;
  api?: '' | undefined;
  autoplay?: '' | undefined;
  muted?: '' | undefined;
  seats?: string;
  uncounted?: '' | undefined;
  theatre?: 'on' | 'off' | undefined;
  state?: 'live' | 'ended' | undefined;
};

declare module 'react' {
  namespace JSX {
    interface IntrinsicElements {
      'openair-player': ElementProps;
    }
  }
}

export type { PlayerStatus } from '../core/phase.ts';
export type { OpenairPlayerElement } from '../element/openair-player.ts';

export type OpenairPlayerProps = {
  /** Multivariant playlist: `…/play/{playbackId}/index.m3u8`. */
  src: string;
  title?: string;
  /** Who sends: shown by the system's media controls. */
  channel?: string;
  poster?: string;
  /** Where the lowest delay is asked for: `…/api/v1/broadcasts/{id}/seats`. */
  seats?: string;
  /** False for a look at one's own show: no viewer, and no report of how it was. */
  counted?: boolean;
  autoPlay?: boolean;
  muted?: boolean;
  /** BCP 47; the page's language unless given. */
  lang?: string;
  onStatus?: (status: PlayerStatus) => void;
  className?: string;
  /** The element, for `play`, `pause`, `seek`, `goLive`, `setQuality` … */
  ref?: Ref<OpenairPlayerElement>;
  /** `<track kind="captions">` elements for side-loaded captions. */
  children?: ReactNode;
};

/** `<openair-player>` for React: the element does the work, this passes properties in and its status out. */
export function OpenairPlayer(props: OpenairPlayerProps) {
  const { src, title, channel, poster, seats, autoPlay = true, muted = true, lang, className, children } = props;
  const own = useRef<HTMLElement>(null);
  const latest = useRef(props.onStatus);
  const given = useRef(props.ref);
  useEffect(() => {
    latest.current = props.onStatus;
    given.current = props.ref;
  });
  useEffect(() => {
    const element = own.current;
    const report = (event: Event) => {
      if (event instanceof CustomEvent) latest.current?.(event.detail as PlayerStatus);
    };
    element?.addEventListener('openair-status', report);
    let gone = false;
    // The script's failure (a lost connection) leaves the poster; the next mount tries again.
    void import('../define.ts').then(
      ({ definePlayer }) => {
        definePlayer();
        if (!gone) give(given.current, element as OpenairPlayerElement | null);
      },
      () => {},
    );
    return () => {
      gone = true;
      element?.removeEventListener('openair-status', report);
      give(given.current, null);
    };
  }, []);
  return (
    <openair-player
      ref={own}
      src={src}
      title={title}
      channel={channel}
      poster={poster}
      seats={seats}
      uncounted={props.counted === false ? '' : undefined}
      lang={lang}
      autoplay={autoPlay ? '' : undefined}
      muted={muted ? '' : undefined}
      className={className}
      suppressHydrationWarning
    >
      {/* The server paints it already; captions are its children. */}
      <video slot="media" muted={muted} playsInline preload="auto" suppressHydrationWarning>
        {children}
      </video>
    </openair-player>
  );
}

function give(ref: Ref<OpenairPlayerElement> | undefined, element: OpenairPlayerElement | null): void {
  if (typeof ref === 'function') ref(element);
  else if (ref) ref.current = element;
}
