import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const css = readFileSync(new URL('../globals.css', import.meta.url), 'utf8');

/** Custom properties of one block that are plain `oklch(L C H)`. */
function tokensOf(selector: string): Record<string, [number, number, number]> {
  const block = css.slice(css.indexOf(`${selector} {`)).split('}')[0] ?? '';
  const found = block.matchAll(/--([a-z-]+): oklch\(([\d.]+) ([\d.]+) ([\d.]+)\);/g);
  return Object.fromEntries([...found].map(([, name, l, c, h]) => [name, [Number(l), Number(c), Number(h)]]));
}

/** Relative luminance of an OKLCH colour, clamped to sRGB. Source: CSS Color 4, section 18; WCAG 2.2. */
function luminance([l, c, h]: [number, number, number]): number {
  const a = c * Math.cos((h * Math.PI) / 180);
  const b = c * Math.sin((h * Math.PI) / 180);
  const [x, y, z] = [
    (l + 0.3963377774 * a + 0.2158037573 * b) ** 3,
    (l - 0.1055613458 * a - 0.0638541728 * b) ** 3,
    (l - 0.0894841775 * a - 1.291485548 * b) ** 3,
  ];
  const linear = [
    4.0767416621 * x - 3.3077115913 * y + 0.2309699292 * z,
    -1.2684380046 * x + 2.6097574011 * y - 0.3413193965 * z,
    -0.0041960863 * x - 0.7034186147 * y + 1.707614701 * z,
  ].map((one) => Math.min(1, Math.max(0, one)));
  return 0.2126 * linear[0]! + 0.7152 * linear[1]! + 0.0722 * linear[2]!;
}

function contrast(one: [number, number, number], other: [number, number, number]): number {
  const [high, low] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (high! + 0.05) / (low! + 0.05);
}

const light = tokensOf(':root');
const themes = { light, dark: { ...light, ...tokensOf("[data-theme='dark']") } };
const BACKGROUNDS = ['page', 'panel', 'raised'];

for (const [theme, tokens] of Object.entries(themes)) {
  test(`text reads on every surface of the ${theme} theme (4.5:1)`, () => {
    const pairs = ['ink', 'muted', 'link', 'good', 'warn', 'mod', 'air-ink'].flatMap((text) =>
      BACKGROUNDS.map((surface) => [text, surface] as const),
    );
    pairs.push(['on-accent', 'accent'], ['on-accent', 'accent-hover'], ['on-air', 'air-fill'], ['ink', 'hover']);
    pairs.push(['warn', 'warn-fill'], ['ink', 'warn-fill'], ['muted', 'warn-fill']);
    const weak = pairs
      .map(([text, surface]) => ({ pair: `${text} on ${surface}`, is: contrast(tokens[text]!, tokens[surface]!) }))
      .filter(({ is }) => !(is >= 4.5));
    expect(weak).toEqual([]);
  });

  test(`controls and focus stand out on every surface of the ${theme} theme (3:1)`, () => {
    const weak = ['control', 'focus', 'air', 'good-dot']
      .flatMap((part) => BACKGROUNDS.map((surface) => [part, surface] as const))
      .map(([part, surface]) => ({ pair: `${part} on ${surface}`, is: contrast(tokens[part]!, tokens[surface]!) }))
      .filter(({ is }) => !(is >= 3));
    expect(weak).toEqual([]);
  });
}
