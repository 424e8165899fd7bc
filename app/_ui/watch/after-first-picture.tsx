'use client';

import { type ReactNode, use } from 'react';

/** From navigation: a show that has no picture by then has a page that works. */
const LONGEST_MS = 1_500;
const TOUCHES = ['pointermove', 'pointerdown', 'keydown', 'focusin', 'wheel'];

let waiting: Promise<void> | null | undefined;

/**
 * The server's HTML of its children, brought to life when the player on this page shows its first picture, when the viewer touches the page,
 * or after 1.5 s: React's work on the main thread would otherwise stand between the player and its bytes. Without a player nothing waits.
 */
export function AfterFirstPicture({ children }: { children: ReactNode }) {
  // No Suspense around it: the server would send what is inside later, and the hydration of a whole document may wait as well.
  if (typeof window !== 'undefined') {
    // Once for the document: pages that are walked to afterwards are drawn by React anyway.
    if (waiting === undefined) waiting = untilFirstPicture();
    if (waiting !== null) use(waiting);
  }
  return children;
}

function untilFirstPicture(): Promise<void> | null {
  const video = document.querySelector<HTMLVideoElement>('openair-player video');
  if (!video || video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA) return null;
  return new Promise((resolve) => {
    const over = new AbortController();
    const done = () => {
      over.abort();
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(done, Math.max(0, LONGEST_MS - performance.now()));
    const options = { capture: true, passive: true, signal: over.signal };
    for (const touch of TOUCHES) document.addEventListener(touch, done, options);
    document.addEventListener(
      'openair-status',
      (event) => {
        const phase = event instanceof CustomEvent ? event.detail.phase : null;
        if (phase !== 'loading' && phase !== 'playing') done();
      },
      options,
    );
    // "playing" is told before the picture is painted.
    if ('requestVideoFrameCallback' in video) video.requestVideoFrameCallback(done);
    else (video as HTMLVideoElement).addEventListener('loadeddata', done, options);
  });
}
