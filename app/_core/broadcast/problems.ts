/**
 * What can be the matter with a broadcast, as it is kept with it and told by the API; the studio has words of its own for each in every
 * language.
 */
export const PROBLEMS = {
  'engine-silent': 'The engine sends no picture at the moment; it is being started again.',
  'no-picture': 'A host is connected, but no picture arrives. Viewers see the slate.',
  'host-away': 'The host or encoder is away. Viewers see the slate until it is back.',
  'start-given-up':
    'No picture came within 30 minutes, so the start was given up. Connect a camera or encoder and start again.',
  'engine-not-started': 'The engine could not be started. It is tried again by itself.',
  'engine-refused': 'The engine refused the request. It is tried again by itself.',
  'engine-full': 'The engine has no room for another broadcast at the moment. It is tried again by itself.',
  'engine-away': 'No engine answers. Is the egress worker running? It is tried again by itself.',
  'media-server-away': 'The media server does not answer at the moment. It is tried again by itself.',
} as const;
export type ProblemCode = keyof typeof PROBLEMS;
export const PROBLEM_CODES = Object.keys(PROBLEMS) as ProblemCode[];

/** @returns null for no problem, and for one that only its sentence tells */
export function problemCode(problem: string | null): ProblemCode | null {
  return PROBLEM_CODES.find((code) => PROBLEMS[code] === problem) ?? null;
}
