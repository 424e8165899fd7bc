import { Fragment } from 'react';
import { splitLinks } from './split-links.ts';

/** A line's words: text, and http(s) links that tell their target nothing. Never raw HTML. */
export function MessageText({ text }: { text: string }) {
  return splitLinks(text).map((piece) =>
    piece.kind === 'text' ? (
      <Fragment key={piece.at}>{piece.text}</Fragment>
    ) : (
      <a
        key={piece.at}
        href={piece.href}
        target="_blank"
        rel="noopener noreferrer nofollow ugc"
        className="text-link underline underline-offset-2"
      >
        {piece.text}
      </a>
    ),
  );
}
