'use client';

import { useEffect, useMemo, useRef, useState } from 'react';
import { RESOLUTIONS } from './device-choice.ts';
import { openLivekitLink } from './livekit-link.ts';
import type { DeskSnapshot } from './media-desk.ts';
import { makePublisher, type Publisher, type PublisherState } from './publisher.ts';

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/**
 * Publishes the desk's tracks while asked to.
 * @param getSeat fetches address and a fresh token; called again for each new connection
 */
export function usePublisher(
  media: DeskSnapshot,
  getSeat: () => Promise<{ livekitUrl: string; token: string }>,
): { publisher: Publisher; state: PublisherState } {
  const [state, setState] = useState<PublisherState>({ kind: 'off' });
  const latestSeat = useRef(getSeat);
  latestSeat.current = getSeat;

  const publisher = useMemo(
    () =>
      makePublisher({
        connect: async (events) => openLivekitLink(await latestSeat.current(), events),
        onState: setState,
        wait,
      }),
    [],
  );

  const { camera, microphone, screen, resolution } = media;
  useEffect(() => {
    const tracks = { camera, microphone, screen, cameraBitrate: RESOLUTIONS[resolution].bitrate };
    // A track that cannot be published ends in the room's own reconnect; the state line tells.
    publisher.setTracks(tracks).catch(() => undefined);
  }, [publisher, camera, microphone, screen, resolution]);

  useEffect(() => () => void publisher.stop().catch(() => undefined), [publisher]);
  return { publisher, state };
}
