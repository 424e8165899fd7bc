'use client';

import type { PlayerStatus } from 'openair-player';
import type {} from 'openair-player/react';
import { useEffect, useRef } from 'react';

/**
 * `<openair-player>` as part of the server's first HTML, its `<video>` included: the element's own script brings it to life while
 * React is still on its way. React leaves what is inside it alone.
 */
export function PlayerFrame(props: {
  src: string;
  title: string;
  /** Name of the channel, for the system's media controls. */
  channel: string;
  /** Where the lowest delay is asked for. */
  seats?: string;
  poster?: string;
  theatre?: 'on' | 'off' | undefined;
  /** What the server knew when it painted the page. */
  knownState?: 'live' | 'ended';
  /** Lets the page around our frame drive it. */
  api?: boolean | undefined;
  /** Unless false. */
  autoplay?: boolean | undefined;
  /** Unless false. */
  counted?: boolean | undefined;
  onStatus?(status: PlayerStatus): void;
}) {
  const ref = useRef<HTMLElement>(null);
  const latest = useRef(props.onStatus);
  useEffect(() => {
    latest.current = props.onStatus;
  });
  useEffect(() => {
    const element = ref.current;
    if (!element) return;
    const report = (event: Event) => {
      if (event instanceof CustomEvent) latest.current?.(event.detail as PlayerStatus);
    };
    element.addEventListener('openair-status', report);
    // It may have begun before React came.
    if ('status' in element && element.status) latest.current?.(element.status as PlayerStatus);
    // The page's script tag ran before React did, unless it failed or we came here from another page: then the code comes with ours.
    if (!customElements.get('openair-player')) void import('openair-player').then(({ definePlayer }) => definePlayer());
    return () => element.removeEventListener('openair-status', report);
  }, []);
  return (
    <openair-player
      ref={ref}
      src={props.src}
      title={props.title}
      channel={props.channel}
      seats={props.seats}
      poster={props.poster}
      theatre={props.theatre}
      state={props.knownState}
      uncounted={props.counted === false ? '' : undefined}
      autoplay={props.autoplay === false ? undefined : ''}
      muted=""
      {...(props.api ? { api: '' } : {})}
      className="block size-full"
      suppressHydrationWarning
      // biome-ignore lint/security/noDangerouslySetInnerHtml: a fixed text; keeps React away from the element's own children
      dangerouslySetInnerHTML={{ __html: '<video slot="media" muted playsinline preload="auto"></video>' }}
    />
  );
}
