import { IngressState_Status } from '@livekit/protocol';
import { type EgressInfo, EgressStatus, type IngressInfo } from 'livekit-server-sdk';
import type { EgressSeen } from '#core/egress/egress-runner';
import type { IngressSeen } from '#core/ingest/ingress-registry';

const EGRESS_STATE: Record<EgressStatus, EgressSeen['state']> = {
  [EgressStatus.EGRESS_STARTING]: 'starting',
  [EgressStatus.EGRESS_ACTIVE]: 'active',
  [EgressStatus.EGRESS_ENDING]: 'ending',
  [EgressStatus.EGRESS_COMPLETE]: 'complete',
  [EgressStatus.EGRESS_FAILED]: 'failed',
  [EgressStatus.EGRESS_ABORTED]: 'complete',
  [EgressStatus.EGRESS_LIMIT_REACHED]: 'complete',
};

const INGRESS_STATE: Record<IngressState_Status, IngressSeen['state']> = {
  [IngressState_Status.ENDPOINT_INACTIVE]: 'idle',
  [IngressState_Status.ENDPOINT_BUFFERING]: 'connecting',
  [IngressState_Status.ENDPOINT_PUBLISHING]: 'publishing',
  [IngressState_Status.ENDPOINT_ERROR]: 'failed',
  [IngressState_Status.ENDPOINT_COMPLETE]: 'idle',
};

const PREFIX = /^media\/([A-Za-z0-9_-]+)\//;

/** LiveKit's egress in our words. */
export function egressSeen(info: EgressInfo): EgressSeen {
  return {
    egressId: info.egressId,
    channelId: info.roomName,
    playbackId: playbackIdOf(info),
    state: EGRESS_STATE[info.status] ?? 'failed',
    error: info.error === '' ? null : info.error,
    startedAt: info.startedAt > 0n ? new Date(Number(info.startedAt / 1_000_000n)) : null,
  };
}

/** Our storage prefix tells which broadcast an egress belongs to. */
function playbackIdOf(info: EgressInfo): string | null {
  if (info.request.case !== 'roomComposite') return null;
  for (const output of info.request.value.segmentOutputs) {
    const id = PREFIX.exec(output.filenamePrefix)?.[1];
    if (id) return id;
  }
  return null;
}

/** LiveKit's ingress in our words. */
export function ingressSeen(info: IngressInfo): IngressSeen {
  const status = info.state?.status ?? IngressState_Status.ENDPOINT_INACTIVE;
  return { ingressId: info.ingressId, channelId: info.roomName, state: INGRESS_STATE[status] ?? 'idle' };
}

/** What an encoder sends now; null when it sends nothing, or its size was not told. LiveKit's word for an unknown rate is 0. */
export function pictureSeen({ state }: IngressInfo): { width: number; height: number; fps: number | null } | null {
  const video = state?.status === IngressState_Status.ENDPOINT_PUBLISHING ? state.video : undefined;
  if (!video || video.width === 0 || video.height === 0) return null;
  return { width: video.width, height: video.height, fps: video.framerate > 0 ? video.framerate : null };
}
