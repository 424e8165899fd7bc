'use client';

import { CameraOff, Video } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useEffect, useRef } from 'react';
import { cn } from '../cn.ts';
import { LiveBadge } from '../primitives/badge.tsx';
import type { PublisherState } from './publisher.ts';

type Props = {
  camera: MediaStreamTrack | null;
  screen: MediaStreamTrack | null;
  cameraOn: boolean;
  publisher: PublisherState;
  onAir: boolean;
  /** OBS or another encoder sends: its picture is seen once the show is on air. */
  encoderIsReceived: boolean;
};

/** The host's own picture, mirrored as in a mirror; a shared screen fills the frame with the camera in its corner. */
export function CameraPreview({ camera, screen, cameraOn, publisher, onAir, encoderIsReceived }: Props) {
  const t = useTranslations('studio.preview');
  const main = screen ?? camera;
  return (
    <div className="relative aspect-video w-full overflow-hidden rounded-video border border-line bg-black">
      {main && (
        <TrackVideo key={main.id} track={main} mirrored={main === camera} label={t('title')} className="size-full" />
      )}
      {screen && camera && (
        <TrackVideo
          track={camera}
          mirrored
          label={t('title')}
          className="absolute right-3 bottom-3 w-1/5 rounded-control border border-white/30"
        />
      )}
      {!main && (
        <div className="absolute inset-0 flex flex-col items-center justify-center gap-2 p-4 text-center text-13 text-white/75">
          {cameraOn ? <Video aria-hidden className="size-6" /> : <CameraOff aria-hidden className="size-6" />}
          {encoderIsReceived ? t('encoder') : cameraOn ? t('waiting') : t('off')}
        </div>
      )}
      <div className="absolute top-3 left-3 flex items-center gap-2">
        {onAir && publisher.kind === 'connected' && <LiveBadge label={t('onAir')} />}
        {(!onAir || publisher.kind !== 'connected') && (
          <span className="rounded-full bg-black/70 px-2.5 py-0.5 text-12 font-medium text-white">
            {sendingWord(publisher, t)}
          </span>
        )}
      </div>
    </div>
  );
}

function sendingWord(
  publisher: PublisherState,
  t: (key: 'sending' | 'notSending' | 'reconnecting' | 'takenOver') => string,
): string {
  switch (publisher.kind) {
    case 'connected':
      return t('sending');
    case 'connecting':
    case 'reconnecting':
    case 'retrying':
      return t('reconnecting');
    case 'taken-over':
      return t('takenOver');
    default:
      return t('notSending');
  }
}

function TrackVideo(props: { track: MediaStreamTrack; mirrored: boolean; label: string; className?: string }) {
  const ref = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const video = ref.current;
    if (!video) return;
    video.srcObject = new MediaStream([props.track]);
    return () => {
      video.srcObject = null;
    };
  }, [props.track]);
  return (
    <video
      ref={ref}
      autoPlay
      muted
      playsInline
      disablePictureInPicture
      aria-label={props.label}
      className={cn('object-contain', props.mirrored && '-scale-x-100', props.className)}
    />
  );
}
