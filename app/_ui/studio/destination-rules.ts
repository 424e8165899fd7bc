/** What a destination's form checks before it asks the API. */
export type DestinationDraft = { name: string; url: string; streamKey: string };
export type DestinationProblems = Partial<Record<keyof DestinationDraft, 'nameMissing' | 'urlWrong' | 'keyMissing'>>;

/** @param editing an empty key then means "keep the one we have" */
export function destinationProblems(draft: DestinationDraft, editing: boolean): DestinationProblems {
  const problems: DestinationProblems = {};
  if (draft.name.trim() === '') problems.name = 'nameMissing';
  if (!isPushUrl(draft.url.trim())) problems.url = 'urlWrong';
  if (!editing && draft.streamKey.trim() === '') problems.streamKey = 'keyMissing';
  return problems;
}

function isPushUrl(text: string): boolean {
  if (!/^rtmps?:\/\/[^/]/i.test(text)) return false;
  try {
    // URL knows no host rules for rtmp; read as http it does.
    return new URL(text.replace(/^rtmp/i, 'http')).hostname !== '';
  } catch {
    return false;
  }
}

/** The platform's host alone: a push address may carry the key in its path. */
export function hostOf(url: string): string {
  try {
    return new URL(url.replace(/^rtmp/i, 'http')).host;
  } catch {
    return '';
  }
}
