export type TextPiece =
  | { kind: 'text'; at: number; text: string }
  | { kind: 'link'; at: number; text: string; href: string };

const LINK = /https?:\/\/[^\s<>"'`]+/giu;
/** Belongs to the sentence, not to the address. */
const TRAILING = /[.,;:!?)\]}…]+$/u;

/** Cuts a text at its http(s) addresses. Anything that is no valid address stays text. */
export function splitLinks(text: string): TextPiece[] {
  const pieces: TextPiece[] = [];
  let end = 0;
  const addText = (until: number) => {
    if (until > end) pieces.push({ kind: 'text', at: end, text: text.slice(end, until) });
  };
  for (const found of text.matchAll(LINK)) {
    const shown = found[0].replace(TRAILING, '');
    const href = URL.canParse(shown) ? new URL(shown).href : null;
    if (!href) continue;
    addText(found.index);
    pieces.push({ kind: 'link', at: found.index, text: shown, href });
    end = found.index + shown.length;
  }
  addText(text.length);
  return pieces;
}
