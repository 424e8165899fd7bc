'use client';

import { Camera, CameraOff, Mic, MicOff, ScreenShare, ScreenShareOff, TriangleAlert } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { Button, IconButton } from '../primitives/button.tsx';
import { Select } from '../primitives/select.tsx';
import { type Device, type DeviceProblem, RESOLUTIONS, type Resolution } from './device-choice.ts';
import type { DeskSnapshot, MediaDesk } from './media-desk.ts';
import { MicrophoneLevel } from './microphone-level.tsx';

const RESOLUTION_WORDS = {
  '1080p': 'resolution1080',
  '720p': 'resolution720',
  '480p': 'resolution480',
} as const satisfies Record<Resolution, string>;

/** Choice of camera, microphone and picture size, with permission explained in words. */
export function CameraPanel({ desk, media }: { desk: MediaDesk; media: DeskSnapshot }) {
  const t = useTranslations('studio.devices');
  if (media.status !== 'on') return <DeviceDoor desk={desk} media={media} />;
  return (
    <div className="flex flex-col gap-3">
      <DeviceSelect
        kind={t('camera')}
        none={t('noCamera')}
        devices={media.lists.cameras}
        value={media.cameraId}
        onChange={(id) => void desk.chooseCamera(id)}
      />
      <DeviceSelect
        kind={t('microphone')}
        none={t('noMicrophone')}
        devices={media.lists.microphones}
        value={media.microphoneId}
        onChange={(id) => void desk.chooseMicrophone(id)}
      />
      <Select
        label={t('quality')}
        value={media.resolution}
        onChange={(resolution) => void desk.chooseResolution(resolution)}
        options={resolutions().map((value) => ({ value, label: t(RESOLUTION_WORDS[value]) }))}
      />
      <Problems media={media} />
    </div>
  );
}

function resolutions(): Resolution[] {
  return Object.keys(RESOLUTIONS).filter((value): value is Resolution => value in RESOLUTIONS);
}

function DeviceDoor({ desk, media }: { desk: MediaDesk; media: DeskSnapshot }) {
  const t = useTranslations('studio.devices');
  const asking = media.status === 'asking';
  return (
    <div className="flex flex-col gap-3">
      <Button tone="primary" className="px-2! whitespace-normal!" busy={asking} onClick={() => void desk.open()}>
        <Camera aria-hidden className="size-5" strokeWidth={1.75} />
        {t('ask')}
      </Button>
      <p aria-live="polite" className="min-h-10 text-13 text-muted">
        {asking ? t('asking') : t('askNote')}
      </p>
      <Problems media={media} />
    </div>
  );
}

function DeviceSelect(props: {
  kind: string;
  none: string;
  devices: Device[];
  value: string | null;
  onChange(id: string): void;
}) {
  const t = useTranslations('studio.devices');
  return (
    <Select
      label={props.kind}
      placeholder={props.none}
      disabled={props.devices.length === 0}
      value={props.value}
      onChange={props.onChange}
      options={props.devices.map(({ id, label }) => ({
        value: id,
        label: /^\d+$/.test(label) ? t('numbered', { kind: props.kind, number: label }) : label,
      }))}
    />
  );
}

function Problems({ media }: { media: DeskSnapshot }) {
  const both = media.cameraProblem === 'insecure' && media.microphoneProblem === 'insecure';
  return (
    <>
      <Problem kind="camera" problem={media.cameraProblem} />
      {!both && <Problem kind="microphone" problem={media.microphoneProblem} />}
      <Problem kind="screen" problem={media.screenProblem} />
    </>
  );
}

function Problem({ kind, problem }: { kind: 'camera' | 'microphone' | 'screen'; problem: DeviceProblem | null }) {
  const t = useTranslations('studio.devices.problem');
  if (!problem) return null;
  return (
    <p role="alert" className="flex gap-2 rounded-control border border-warn/50 bg-warn-fill p-3 text-13">
      <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-warn" strokeWidth={1.75} />
      {t(problem, { kind })}
    </p>
  );
}

/** Switches under the picture: microphone, camera, screen, and the level beside them. */
export function CameraControls({ desk, media }: { desk: MediaDesk; media: DeskSnapshot }) {
  const t = useTranslations('studio.devices');
  const on = media.status === 'on';
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-3">
      <div className="flex gap-2">
        <IconButton
          tone="plain"
          label={media.microphoneOn ? t('mute') : t('unmute')}
          disabled={!on || !media.microphone}
          onClick={() => desk.switchMicrophone(!media.microphoneOn)}
        >
          {media.microphoneOn ? (
            <Mic aria-hidden className="size-5" strokeWidth={1.75} />
          ) : (
            <MicOff aria-hidden className="size-5 text-warn" strokeWidth={1.75} />
          )}
        </IconButton>
        <IconButton
          tone="plain"
          label={media.cameraOn ? t('cameraOff') : t('cameraOn')}
          disabled={!on}
          onClick={() => void desk.switchCamera(!media.cameraOn)}
        >
          {media.cameraOn ? (
            <Camera aria-hidden className="size-5" strokeWidth={1.75} />
          ) : (
            <CameraOff aria-hidden className="size-5 text-warn" strokeWidth={1.75} />
          )}
        </IconButton>
        <IconButton
          tone="plain"
          label={media.screen ? t('stopScreen') : t('shareScreen')}
          disabled={!on}
          onClick={() => (media.screen ? desk.stopScreen() : void desk.shareScreen())}
        >
          {media.screen ? (
            <ScreenShareOff aria-hidden className="size-5 text-warn" strokeWidth={1.75} />
          ) : (
            <ScreenShare aria-hidden className="size-5" strokeWidth={1.75} />
          )}
        </IconButton>
      </div>
      <MicrophoneLevel track={media.microphone} muted={!media.microphoneOn} />
    </div>
  );
}
