import { parseSrtUrl, requirePassphrase } from '#core/shared/srt-url';

/** What a destination's form checks before it asks the API. */
export type DestinationDraft = { name: string; url: string; streamKey: string; passphrase: string };
type Problem = 'nameMissing' | 'urlWrong' | 'srtUrlWrong' | 'keyMissing' | 'passphraseWrong';
export type DestinationProblems = Partial<Record<keyof DestinationDraft, Problem>>;

/** @param editing an empty key or passphrase then means "keep the one we have" */
export function destinationProblems(draft: DestinationDraft, editing: boolean): DestinationProblems {
  const problems: DestinationProblems = {};
  const url = draft.url.trim();
  const srt = isSrt(url);
  if (draft.name.trim() === '') problems.name = 'nameMissing';
  if (srt ? !succeeds(() => parseSrtUrl(url)) : !isRtmpUrl(url)) problems.url = srt ? 'srtUrlWrong' : 'urlWrong';
  // An SRT listener may need no stream id.
  if (!editing && !srt && draft.streamKey.trim() === '') problems.streamKey = 'keyMissing';
  if (srt && !succeeds(() => requirePassphrase(draft.passphrase))) problems.passphrase = 'passphraseWrong';
  return problems;
}

export function isSrt(url: string): boolean {
  return /^srt:/i.test(url.trim());
}

function isRtmpUrl(text: string): boolean {
  if (!/^rtmps?:\/\/[^/]/i.test(text)) return false;
  // URL knows no host rules for rtmp; read as http it does.
  return succeeds(() => new URL(text.replace(/^rtmp/i, 'http')));
}

function succeeds(attempt: () => unknown): boolean {
  try {
    attempt();
    return true;
  } catch {
    return false;
  }
}

/** The platform's host alone: a push address may carry the key in its path. */
export function hostOf(url: string): string {
  try {
    return new URL(url.replace(/^(rtmp|srt)/i, 'http')).host;
  } catch {
    return '';
  }
}
