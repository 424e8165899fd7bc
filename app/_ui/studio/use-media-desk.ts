'use client';

import { useEffect, useState, useSyncExternalStore } from 'react';
import { isResolution } from './device-choice.ts';
import { type DeskChoice, type DeskSnapshot, MediaDesk } from './media-desk.ts';

const KEPT = 'openair.devices';

function readKept(): DeskChoice {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEPT) ?? '{}');
    const get = (name: string) => {
      const value = kept && typeof kept === 'object' ? Reflect.get(kept, name) : null;
      return typeof value === 'string' ? value : null;
    };
    const resolution = get('resolution');
    return {
      cameraId: get('cameraId'),
      microphoneId: get('microphoneId'),
      resolution: isResolution(resolution) ? resolution : '720p',
    };
  } catch {
    return { cameraId: null, microphoneId: null, resolution: '720p' };
  }
}

function keep(choice: DeskChoice): void {
  try {
    localStorage.setItem(KEPT, JSON.stringify(choice));
  } catch {
    // Private windows may refuse storage; the choice then lasts as long as the page.
  }
}

/** This page's camera and microphone; let go when the page is left. */
export function useMediaDesk(): { desk: MediaDesk; media: DeskSnapshot } {
  const [desk] = useState(
    () =>
      new MediaDesk(
        typeof navigator === 'undefined'
          ? { devices: null, kept: { cameraId: null, microphoneId: null, resolution: '720p' }, keep }
          : { devices: navigator.mediaDevices ?? null, kept: readKept(), keep },
      ),
  );
  const media = useSyncExternalStore(desk.subscribe, desk.snapshot, desk.snapshot);
  useEffect(() => () => desk.close(), [desk]);
  return { desk, media };
}
