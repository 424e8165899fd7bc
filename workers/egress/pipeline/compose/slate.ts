import type { Scene } from '#core/scene/scene';
import type { Card } from './cards.ts';

type Slate = Scene['slate'];

const SENTENCES: Record<Slate['kind'], string> = {
  soon: 'Starting soon',
  back: 'Back in a moment',
  ended: 'The broadcast has ended',
};
const CARD_COLOR = '#181c22';
const LABEL_COLOR = '#0f1216';
const CIRCLES = ['#2f6f8f', '#7a4f9a', '#3d7a55', '#9a5a3c', '#4d5fa8', '#8a3f5f'];
/** Width of an average glyph as a share of the font size; generous, text must not leave its card. */
const GLYPH = 0.62;

/** What is sent when nobody is on air. */
export function slateCard(slate: Slate, frame: { width: number; height: number }, color: string): Card {
  const { width, height } = frame;
  const title = oneLine(slate.title, 60);
  const sentence = SENTENCES[slate.kind];
  const size = fitSize(sentence, height / 11, width * 0.84);
  const middle = height / 2;
  return {
    width,
    height,
    color,
    circle: null,
    lines: title
      ? [
          { text: title, size: fitSize(title, height / 10, width * 0.84), centerY: Math.round(middle - height / 14) },
          { text: sentence, size: Math.round(size * 0.6), centerY: Math.round(middle + height / 14) },
        ]
      : [{ text: sentence, size, centerY: Math.round(middle) }],
  };
}

/** Stands in for a person without a picture: initials in a circle, the name below. */
export function nameCard(name: string, frame: { width: number; height: number }): Card {
  const { width, height } = frame;
  const shown = oneLine(name, 32);
  const radius = Math.floor(Math.min(width, height) * 0.2);
  const initials = initialsOf(shown);
  const at = { x: width / 2, y: height * 0.42 };
  return {
    width,
    height,
    color: CARD_COLOR,
    circle: radius >= 4 ? { ...at, radius, color: circleColor(shown) } : null,
    lines: [
      { text: initials, size: Math.max(6, Math.round(radius * 0.9)), centerY: Math.round(at.y) },
      { text: shown, size: fitSize(shown, height / 12, width * 0.86), centerY: Math.round(height * 0.8) },
    ],
  };
}

/** The name in the corner of a picture; its place is relative to the picture's box. */
export function labelCard(name: string, box: { width: number; height: number }): Card | null {
  const text = oneLine(name, 28);
  const size = Math.round(Math.max(10, Math.min(box.height * 0.06, 26)));
  const width = Math.min(even(text.length * size * GLYPH + size * 1.2), even(box.width - 16));
  const height = even(size * 1.7);
  if (text === '' || width < 24 || height + 16 > box.height) return null;
  const fitted = fitSize(text, size, width - size * 0.8);
  return { width, height, color: LABEL_COLOR, circle: null, lines: [{ text, size: fitted, centerY: height / 2 }] };
}

function fitSize(text: string, wanted: number, room: number): number {
  return Math.max(6, Math.round(Math.min(wanted, room / (Math.max(1, text.length) * GLYPH))));
}

/** Printable, one line, cut with an ellipsis. */
export function oneLine(text: string, limit: number): string {
  const clean = text
    .normalize('NFC')
    .replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  const glyphs = [...clean];
  return glyphs.length <= limit ? clean : `${glyphs.slice(0, limit - 1).join('')}…`;
}

function initialsOf(name: string): string {
  const words = name.split(' ').filter((word) => word !== '');
  const letters = words.length > 1 ? [words[0], words.at(-1)] : [words[0]];
  return letters
    .map((word) => [...(word ?? '')][0] ?? '')
    .join('')
    .toUpperCase();
}

function circleColor(name: string): string {
  const sum = [...name].reduce((total, glyph) => total + (glyph.codePointAt(0) ?? 0), 0);
  return CIRCLES[sum % CIRCLES.length] ?? '#2f6f8f';
}

function even(value: number): number {
  return Math.floor(value / 2) * 2;
}
