export const MAX_CODE_POINTS = 500;
/** Real scripts stack up to three marks on a letter; more is "Zalgo", which runs over the neighbours' lines. */
export const MAX_COMBINING_MARKS = 3;

const LINE_BREAKS_AND_TABS = /[\t\n\v\f\r\u0085\u2028\u2029]+/gu;
/** Control characters, unassigned tags, and the bidirectional overrides that can make a line read as something else. */
const INVISIBLE_CONTROLS =
  /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u{e0000}-\u{e001f}\ufeff\ufff9-\ufffb]/gu;
const LONE_SURROGATES = /\p{Cs}/gu;
const MARK_RUN = /(\p{M}{3})\p{M}+/gu;
const SPACE_RUN = / {3,}/g;

/** Length in Unicode code points: what a person would call characters, nearly. */
export function countCodePoints(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

/**
 * What is kept of a line somebody typed: one line, no control characters, at most three combining marks in a row,
 * no white space around it. Never makes a text longer. May be empty: then there was nothing to say.
 */
export function cleanText(raw: string): string {
  return raw
    .replace(LINE_BREAKS_AND_TABS, ' ')
    .replace(INVISIBLE_CONTROLS, '')
    .replace(LONE_SURROGATES, '')
    .replace(MARK_RUN, '$1')
    .replace(SPACE_RUN, '  ')
    .trim();
}
