/** Where in a show a viewer was when its engine was closed. */
export type Place = {
  /** At the live edge: wherever that is when they come back. */
  following: boolean;
  /** Wall clock of the picture, ms since 1970; null when unknown. */
  dateMs: number | null;
  /** Media seconds of the engine that is gone: a live list that is loaded anew begins elsewhere. */
  positionS: number;
};

/**
 * Media time to go back to in the engine that plays now, seconds; null = where that begins by itself (the live edge, a recording's start).
 * @param now live: the show is on air · timeOfDateS: media time of a wall clock; null when unknown
 */
export function placeS(
  place: Place,
  now: { live: boolean; timeOfDateS(dateMs: number): number | null },
): number | null {
  if (place.following && now.live) return null;
  const byDate = place.dateMs === null ? null : now.timeOfDateS(place.dateMs);
  if (byDate !== null) return byDate;
  return now.live ? null : place.positionS;
}
