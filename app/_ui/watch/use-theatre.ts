'use client';

import { type RefObject, useEffect, useRef, useState } from 'react';

/** How picture and chat share the screen. In full screen the chat is beside the picture or away. */
export type WatchView = 'plain' | 'theatre' | 'full' | 'full-chat';

/** From this width on there is room for a picture that is larger than usual with the chat beside it. */
const WIDE = '(min-width: 64rem)';

/**
 * Theatre mode and full screen of a watch page. The player asks for both (button, `t`, `f`); the page carries them out, so that the chat comes
 * along. Where elements cannot be shown full screen (iPhones) the player shows its video alone, as ever.
 */
export function useTheatre(): {
  room: RefObject<HTMLDivElement | null>;
  view: WatchView;
  /** For the player: `on`, `off`, or undefined where there is no theatre mode. */
  theatre: 'on' | 'off' | undefined;
} {
  const room = useRef<HTMLDivElement>(null);
  const [isOn, setOn] = useState(false);
  const [isFull, setFull] = useState(false);
  const [isWide, setWide] = useState(false);

  useEffect(() => {
    const own = room.current;
    if (!own) return;
    const leaving = new AbortController();
    const { signal } = leaving;
    const wide = matchMedia(WIDE);
    const onWidth = () => setWide(wide.matches);
    onWidth();
    wide.addEventListener('change', onWidth, { signal });
    document.addEventListener('fullscreenchange', () => setFull(document.fullscreenElement === own), { signal });
    own.addEventListener('openair-theatre', () => setOn((before) => !before), { signal });
    own.addEventListener(
      'openair-fullscreen',
      (event) => {
        event.preventDefault();
        // The browser may say no: then all stays as it is.
        if (document.fullscreenElement === own) document.exitFullscreen().catch(() => {});
        else own.requestFullscreen().catch(() => {});
      },
      { signal },
    );
    return () => leaving.abort();
  }, []);

  const isTheatre = isOn && isWide && !isFull;
  useEffect(() => {
    if (isTheatre) room.current?.scrollIntoView({ block: 'start' });
  }, [isTheatre]);

  const view = isFull ? (isOn ? 'full-chat' : 'full') : isTheatre ? 'theatre' : 'plain';
  return { room, view, theatre: isWide || isFull ? (isOn ? 'on' : 'off') : undefined };
}
