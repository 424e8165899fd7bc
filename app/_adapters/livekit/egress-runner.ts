import {
  EgressClient,
  SegmentedFileOutput,
  SegmentedFileProtocol,
  StreamOutput,
  StreamProtocol,
} from 'livekit-server-sdk';
import { PROBLEMS } from '#core/broadcast/problems';
import type { EgressRunner } from '#core/egress/egress-runner';
import { AppError } from '#core/shared/app-error';
import { isGone, type LiveKitSettings, livekitCode, livekitError } from './livekit-error.ts';
import { egressSeen } from './map-status.ts';

/** A start is answered within 2 s by our worker; LiveKit itself would go on trying for 27 s. */
const START_TIMEOUT_S = 15;
const REQUEST_TIMEOUT_S = 10;
const SEGMENT_S = 1;

/** Refusals by the engine, not trouble on the way to it. */
const REFUSALS = new Set(['failed_precondition', 'resource_exhausted', 'invalid_argument', 'unimplemented']);

/** Egresses through LiveKit's own API: whichever egress service answers on its bus does the work. */
export function livekitEgressRunner({ url, apiKey, apiSecret }: LiveKitSettings): EgressRunner {
  const starts = new EgressClient(url, apiKey, apiSecret, { requestTimeout: START_TIMEOUT_S, failover: false });
  const client = new EgressClient(url, apiKey, apiSecret, { requestTimeout: REQUEST_TIMEOUT_S, failover: false });
  return {
    async start({ channelId, playbackId, pushUrls }) {
      const segments = new SegmentedFileOutput({
        protocol: SegmentedFileProtocol.HLS_PROTOCOL,
        filenamePrefix: `media/${playbackId}/`,
        playlistName: `media/${playbackId}/index.m3u8`,
        segmentDuration: SEGMENT_S,
      });
      const stream = new StreamOutput({ protocol: StreamProtocol.RTMP, urls: [...pushUrls] });
      try {
        const info = await starts.startRoomCompositeEgress(channelId, { segments, stream }, { layout: 'scene' });
        return info.egressId;
      } catch (error) {
        throw startError(error);
      }
    },
    async stop(egressId) {
      try {
        await client.stopEgress(egressId);
      } catch (error) {
        // Ended, ending or forgotten: what was wanted.
        if (!isGone(error) && livekitCode(error) !== 'failed_precondition') throw livekitError(error, 'stop egress');
      }
    },
    async updatePushes(egressId, { add, remove }) {
      try {
        await client.updateStream(egressId, [...add], [...remove]);
      } catch (error) {
        throw livekitError(error, 'update pushes');
      }
    },
    async find(channelId) {
      try {
        const found = await client.listEgress(channelId === undefined ? {} : { roomName: channelId });
        return found.map(egressSeen);
      } catch (error) {
        throw livekitError(error, 'list egresses');
      }
    },
  };
}

function startError(error: unknown): AppError {
  const code = livekitCode(error);
  if (code !== null && REFUSALS.has(code)) {
    return new AppError('egress-refused', {
      blame: 'operator',
      retry: 'with-back-off',
      message: PROBLEMS[code === 'invalid_argument' ? 'engine-refused' : 'engine-full'],
      detail: code,
      cause: error,
    });
  }
  const timedOut = error instanceof Error && error.name === 'TimeoutError';
  if (timedOut || code === 'unavailable' || code === 'deadline_exceeded') {
    return new AppError('egress-refused', {
      blame: 'operator',
      retry: 'with-back-off',
      message: PROBLEMS['engine-away'],
      detail: code ?? 'timeout',
      cause: error,
    });
  }
  return livekitError(error, 'start egress');
}
