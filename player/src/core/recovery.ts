/** What a failure of the engine means for the player. The one table that fatal errors go through. */
export type EngineFailure = {
  kind: 'network' | 'media' | 'unsupported' | 'other';
  /** HTTP status where there was an answer. */
  status?: number;
  /** True when the address of the show itself failed, not a piece of it. */
  atManifest: boolean;
};

export type Recovery =
  /** Ask the origin what the show is doing, then load again. */
  | { do: 'look-again'; problem: 'reconnecting' }
  /** Ask the engine to mend its decoder. */
  | { do: 'mend-decoder' }
  | { do: 'reload'; problem: 'reconnecting' | 'decode' }
  | { do: 'give-up'; problem: 'forbidden' | 'notFound' | 'unsupported' | 'decode' };

/** @param mends decoder mends in the last 30 s; the third one reloads, the sixth gives up */
export function recoveryFor(failure: EngineFailure, mends: number): Recovery {
  if (failure.kind === 'unsupported') return { do: 'give-up', problem: 'unsupported' };
  if (failure.kind === 'media') {
    if (mends < 2) return { do: 'mend-decoder' };
    return mends < 5 ? { do: 'reload', problem: 'decode' } : { do: 'give-up', problem: 'decode' };
  }
  if (failure.status === 401 || failure.status === 403) return { do: 'give-up', problem: 'forbidden' };
  if (failure.kind === 'network') return { do: 'look-again', problem: 'reconnecting' };
  return { do: 'reload', problem: 'reconnecting' };
}
