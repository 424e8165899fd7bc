/** Decisions about cameras and microphones, over plain data. */
export type Device = { id: string; label: string };
export type DeviceLists = { cameras: Device[]; microphones: Device[] };

type DeviceInfo = { kind: string; deviceId: string; label: string };

/** Chromium repeats a device under these ids; the real entry is in the list too. */
const ALIASES = new Set(['default', 'communications']);

/**
 * Cameras and microphones from `enumerateDevices`. Before permission browsers give entries without id and name: those are left out.
 */
export function listDevices(infos: readonly DeviceInfo[]): DeviceLists {
  const pick = (kind: string): Device[] => {
    const named = infos.filter((info) => info.kind === kind && info.deviceId !== '');
    const real = named.filter((info) => !ALIASES.has(info.deviceId));
    return (real.length > 0 ? real : named).map((info, index) => ({
      id: info.deviceId,
      label: info.label || `${index + 1}`,
    }));
  };
  return { cameras: pick('videoinput'), microphones: pick('audioinput') };
}

/** The kept device if it is still plugged in, else the first one, else null. */
export function chooseDevice(devices: readonly Device[], keptId: string | null): string | null {
  return devices.find((device) => device.id === keptId)?.id ?? devices[0]?.id ?? null;
}

export const RESOLUTIONS = {
  '1080p': { width: 1920, height: 1080, bitrate: 4_500_000 },
  '720p': { width: 1280, height: 720, bitrate: 2_500_000 },
  '480p': { width: 854, height: 480, bitrate: 1_200_000 },
} as const;
export type Resolution = keyof typeof RESOLUTIONS;

export function isResolution(value: string | null): value is Resolution {
  return value !== null && Object.hasOwn(RESOLUTIONS, value);
}

const FRAME_RATE = 30;

/** What to ask the camera for. Sizes are wishes: a camera without them gives what it has. */
export function cameraConstraints(cameraId: string | null, resolution: Resolution): MediaTrackConstraints {
  const { width, height } = RESOLUTIONS[resolution];
  return {
    ...(cameraId ? { deviceId: { exact: cameraId } } : {}),
    width: { ideal: width },
    height: { ideal: height },
    frameRate: { ideal: FRAME_RATE, max: FRAME_RATE },
  };
}

export function microphoneConstraints(microphoneId: string | null): MediaTrackConstraints {
  return {
    ...(microphoneId ? { deviceId: { exact: microphoneId } } : {}),
    echoCancellation: true,
    noiseSuppression: true,
    autoGainControl: true,
  };
}

/** Why there is no picture or sound, as a key of the messages `studio.devices.problem`. */
export type DeviceProblem = 'insecure' | 'denied' | 'none' | 'busy' | 'gone' | 'unknown';

/** Reads the name of a DOMException of `getUserMedia` (W3C Media Capture and Streams, 10.2). */
export function deviceProblem(errorName: string, secureContext: boolean): DeviceProblem {
  if (!secureContext) return 'insecure';
  switch (errorName) {
    case 'NotAllowedError':
    case 'SecurityError':
      return 'denied';
    case 'NotFoundError':
      return 'none';
    case 'NotReadableError':
    case 'AbortError':
      return 'busy';
    case 'OverconstrainedError':
      return 'gone';
    default:
      return 'unknown';
  }
}
