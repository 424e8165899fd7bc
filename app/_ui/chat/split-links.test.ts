import fc from 'fast-check';
import { expect, test } from 'vitest';
import { splitLinks } from './split-links.ts';

const links = (text: string) => splitLinks(text).flatMap((piece) => (piece.kind === 'link' ? [piece.href] : []));

test('an address is a link, the full stop after it is not', () => {
  expect(splitLinks('see https://example.org/a?b=c. ok')).toEqual([
    { kind: 'text', at: 0, text: 'see ' },
    { kind: 'link', at: 4, text: 'https://example.org/a?b=c', href: 'https://example.org/a?b=c' },
    { kind: 'text', at: 29, text: '. ok' },
  ]);
});

test('only http and https are links', () => {
  for (const text of ['javascript:alert(1)', 'data:text/html,x', 'ftp://example.org', 'vbscript:x', 'https://']) {
    expect(links(text)).toEqual([]);
  }
});

test('the pieces put together are the text, whatever it is', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('https://a.example/', 'http://[', ' ', '<b>', '"', 'x.', 'https://', 'é')),
      (parts) => {
        const text = parts.join('');
        expect(
          splitLinks(text)
            .map((piece) => piece.text)
            .join(''),
        ).toBe(text);
        for (const href of links(text)) expect(href).toMatch(/^https?:\/\//);
      },
    ),
  );
});
