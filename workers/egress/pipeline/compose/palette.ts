/** The house's colours (cool greys of hue 250, accent sky) as the compositor needs them, in sRGB. */
export const INK = '#0d1013';
export const PANEL = '#15191c';
export const RAISED = '#1e2226';
export const LINE = '#3a3f45';
export const WHITE = '#ffffff';
export const MUTED_TEXT = '#b9bfc6';
export const SKY = '#37aae3';
export const AMBER = '#f5ae39';

/** Fields behind initials: dark enough for white letters (4.5:1 and more). */
const FACES = ['#1c6589', '#5d548d', '#346c42', '#874c30', '#445c90', '#834765'];

/** The same name has the same colour in every picture. */
export function faceColor(name: string): string {
  const sum = [...name].reduce((total, glyph) => (total * 31 + (glyph.codePointAt(0) ?? 0)) % 65_521, 7);
  return FACES[sum % FACES.length] ?? '#1c6589';
}

/** `#rrggbb` with an opacity, for the canvas. */
export function withAlpha(color: string, alpha: number): string {
  return `${color}${Math.round(alpha * 255)
    .toString(16)
    .padStart(2, '0')}`;
}

/** Black or white, whichever reads better on a colour (WCAG relative luminance). */
export function textOn(color: string): string {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  const luminance = 0.2126 * r + 0.7152 * g + 0.0722 * b;
  return luminance > 0.3 ? INK : WHITE;
}
