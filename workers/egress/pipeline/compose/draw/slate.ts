import type { Slate } from '#core/scene/scene';
import { MUTED_TEXT, WHITE } from '../palette.ts';
import { fitLine, font, oneLine, type Pen, paper, tabular, wrap, write } from './text.ts';

const SENTENCES: Record<Slate['kind'], string> = {
  soon: 'Starting soon',
  back: 'Back in a moment',
  ended: 'The broadcast has ended',
};

/** What is said when nobody is on air; the background is drawn apart. `height` leaves room for a countdown below the middle. */
export function drawSlateText(art: { kind: Slate['kind']; title: string; width: number; height: number }): Pen {
  const { pen, width, height } = paper(art.width, art.height);
  const unit = Math.min(width, height);
  const title = oneLine(art.title, 120);
  const sentence = SENTENCES[art.kind];
  const room = width * 0.84;
  if (title === '') {
    const line = fitLine(pen, sentence, { size: Math.round(unit * 0.09), weight: 600, room });
    write(pen, line, { x: width / 2, middle: height / 2, color: WHITE, align: 'center' });
    return pen;
  }
  const size = Math.round(unit * 0.085);
  pen.font = font(size, 600);
  const lines = wrap(pen, title, room, 3);
  const step = size * 1.2;
  const small = fitLine(pen, sentence, { size: Math.round(unit * 0.048), weight: 400, room });
  const top = height / 2 - (lines.length * step + small.size * 2) / 2 + step / 2;
  for (const [index, text] of lines.entries()) {
    write(
      pen,
      { text, size, weight: 600 },
      { x: width / 2, middle: top + index * step, color: WHITE, align: 'center' },
    );
  }
  const middle = top + (lines.length - 1) * step + step / 2 + small.size * 1.4;
  write(pen, small, { x: width / 2, middle, color: MUTED_TEXT, align: 'center' });
  return pen;
}

/** A clock in large figures, on nothing. */
export function drawClock(art: { text: string; size: number }): Pen {
  const probe = paper(2, 2).pen;
  tabular(probe);
  const line = fitLine(probe, art.text, { size: art.size, weight: 600, room: Number.POSITIVE_INFINITY });
  const { pen, width, height } = paper(line.width + 8, art.size * 1.3);
  tabular(pen);
  write(pen, line, { x: width / 2, middle: height / 2, color: WHITE, align: 'center' });
  return pen;
}
