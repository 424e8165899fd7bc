import { RpcError } from '#bus/rpc-error';
import type { EgressPlan } from '../plan.ts';

/** Parts of a plan that the pipeline makes. What it does not make is refused before the start, never taken in silence. */
export type EngineParts = {
  files: boolean;
  images: boolean;
  /** MPEG-TS segments and their playlists in storage. */
  transportStream: boolean;
  /** The source of named tracks. */
  tracks: boolean;
  manifest: boolean;
};

/** What the pipeline of this worker makes. Each is set with the part that makes it. */
export const ENGINE_PARTS: EngineParts = {
  files: false,
  images: false,
  transportStream: true,
  tracks: true,
  manifest: false,
};

/** @throws RpcError `unimplemented` that names what the pipeline does not make */
export function requireParts(plan: EgressPlan, parts: EngineParts): void {
  const unserved = (what: string) => new RpcError('unimplemented', `${what} is not served by this egress service`);
  if (plan.source.kind === 'tracks' && !parts.tracks) throw unserved('an egress of single tracks');
  if (plan.files.length > 0 && !parts.files) throw unserved('a file output');
  if (plan.images.length > 0 && !parts.images) throw unserved('an image output');
  if (plan.segments?.format === 'ts' && !parts.transportStream) {
    throw unserved('a segments output in MPEG-TS (any prefix but media/{playback id}/)');
  }
}
