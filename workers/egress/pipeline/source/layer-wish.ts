import {
  FfiRequest,
  FfiResponse,
  livekitFfiRequest,
  UpdateRemoteTrackPublicationDimensionRequest,
} from '@livekit/rtc-ffi-bindings';
import type { RemoteTrackPublication } from '@livekit/rtc-node';

/** Where a track is drawn, in pixels of the program. */
export type Drawn = { identity: string; source: 'camera' | 'screen'; width: number; height: number };
type Size = { width: number; height: number };

/** What a track gets that is not drawn: the smallest layer, so that a switch to it shows a picture at once. */
export const UNDRAWN: Size = { width: 16, height: 16 };
/** A smaller layer is asked for only when the box has stayed small this long: scenes are switched to and fro. */
export const SHRINK_AFTER_MS = 3_000;

/**
 * Asks LiveKit for the simulcast layer that fits `size` (pixels). rtc-node 1.1.0 has no public call for it, its native library does:
 * the request goes there by the bindings, with the handle of the publication, as rtc-node's own `setSubscribed` does.
 * @returns false when the library refuses or its bindings have changed: the largest layer is received then, as without a wish
 */
export function askForSize(publication: RemoteTrackPublication, { width, height }: Size): boolean {
  try {
    const trackPublicationHandle = publication.ffiHandle.handle;
    const value = new UpdateRemoteTrackPublicationDimensionRequest({ trackPublicationHandle, width, height });
    const request = new FfiRequest({ message: { case: 'updateRemoteTrackPublicationDimension', value } });
    const answer = FfiResponse.fromBinary(livekitFfiRequest(request.toBinary()));
    return answer.message.case === 'updateRemoteTrackPublicationDimension';
  } catch {
    return false;
  }
}

type Asked<Publication> = { publication: Publication; size: Size; smallSinceMs: number | null };

/** Keeps the size that was asked for of each track: grows at once, shrinks after 3 s. Pure but for `ask`. */
export class LayerWishes<Publication> {
  readonly #ask: (publication: Publication, size: Size) => boolean;
  readonly #asked = new Map<string, Asked<Publication>>();

  constructor(ask: (publication: Publication, size: Size) => boolean) {
    this.#ask = ask;
  }

  /**
   * @param size of the largest box the track is drawn in; null = not drawn
   * @param nowMs monotonic
   */
  wish(sid: string, publication: Publication, size: Size | null, nowMs: number): void {
    const wanted = size ?? UNDRAWN;
    const known = this.#asked.get(sid);
    // A track that comes anew after a reconnect is another publication under the same id: it knows nothing of earlier wishes.
    if (!known || known.publication !== publication) return this.#tell(sid, publication, wanted);
    if (wanted.width > known.size.width || wanted.height > known.size.height) {
      return this.#tell(sid, publication, wanted);
    }
    if (wanted.width === known.size.width && wanted.height === known.size.height) known.smallSinceMs = null;
    else if (known.smallSinceMs === null) known.smallSinceMs = nowMs;
    else if (nowMs - known.smallSinceMs >= SHRINK_AFTER_MS) this.#tell(sid, publication, wanted);
  }

  /** Forgets tracks that are no longer received. */
  keep(sids: ReadonlySet<string>): void {
    for (const sid of this.#asked.keys()) if (!sids.has(sid)) this.#asked.delete(sid);
  }

  /** What is refused is not asked again until the wish changes. */
  #tell(sid: string, publication: Publication, size: Size): void {
    this.#asked.set(sid, { publication, size, smallSinceMs: null });
    this.#ask(publication, size);
  }
}
