import type { Image } from '@napi-rs/canvas';
import type { OverlayOf } from '#core/scene/overlay';
import type { Size } from '#core/scene/pixels';
import { faceColor, INK, MUTED_TEXT, SKY, textOn, WHITE, withAlpha } from '../palette.ts';
import { field } from './people.ts';
import { fitLine, font, oneLine, type Pen, paper, printable, tabular, widthOf, wrap, write } from './text.ts';

/** `room` is the most an overlay may take, in pixels; `unit` the program's shorter side: what sizes of type go by. */
export type Room = Size & { unit: number };

const BACK = withAlpha(INK, 0.86);
/** Of a ticker's round, in pixels: canvases end at 32,767. */
const LONGEST = 30_000;

/** Title and subtitle beside a coloured bar; as wide as its words need. */
export function drawLowerThird(
  overlay: Pick<OverlayOf<'lower-third'>, 'title' | 'subtitle' | 'color'>,
  room: Room,
): Pen {
  const probe = paper(2, 2).pen;
  const { height } = room;
  const bar = Math.max(4, Math.round(room.unit * 0.009));
  const side = Math.round(room.unit * 0.03);
  const inner = room.width - bar - 2 * side;
  const subtitle = oneLine(overlay.subtitle, 160);
  const title = fitLine(probe, oneLine(overlay.title, 120), {
    size: height * (subtitle ? 0.36 : 0.46),
    weight: 600,
    room: inner,
  });
  const below = fitLine(probe, subtitle, { size: height * 0.235, weight: 400, room: inner });
  const { pen, width } = paper(Math.min(room.width, bar + 2 * side + Math.max(title.width, below.width)), height);
  pen.beginPath();
  pen.roundRect(0, 0, width, height, room.unit * 0.012);
  pen.clip();
  pen.fillStyle = BACK;
  pen.fillRect(0, 0, width, height);
  pen.fillStyle = overlay.color ?? SKY;
  pen.fillRect(0, 0, bar, height);
  write(pen, title, { x: bar + side, middle: subtitle ? height * 0.35 : height / 2, color: WHITE });
  if (subtitle) write(pen, below, { x: bar + side, middle: height * 0.72, color: MUTED_TEXT });
  return pen;
}

/** A strip over the whole width: a word on a coloured field, a headline, a line below it. */
export function drawBanner(
  overlay: Pick<OverlayOf<'banner'>, 'title' | 'subtitle' | 'tag' | 'color'>,
  room: Room,
): Pen {
  const { pen, width, height } = paper(room.width, room.height);
  const color = overlay.color ?? SKY;
  const side = Math.round(room.unit * 0.045);
  pen.fillStyle = INK;
  pen.fillRect(0, 0, width, height);
  pen.fillStyle = color;
  pen.fillRect(0, 0, width, Math.max(2, Math.round(room.unit * 0.006)));
  let left = side;
  const tag = oneLine(overlay.tag, 24);
  if (tag !== '') {
    const line = fitLine(pen, tag, { size: height * 0.26, weight: 700, room: width * 0.24 });
    const wide = Math.round(line.width + side * 1.2);
    pen.fillStyle = color;
    pen.fillRect(0, 0, wide, height);
    write(pen, line, { x: wide / 2, middle: height / 2, color: textOn(color), align: 'center' });
    left = wide + Math.round(side * 0.7);
  }
  const subtitle = oneLine(overlay.subtitle, 200);
  const inner = width - left - side;
  const title = fitLine(pen, oneLine(overlay.title, 160), {
    size: height * (subtitle ? 0.33 : 0.38),
    weight: 600,
    room: inner,
  });
  write(pen, title, { x: left, middle: height * (subtitle ? 0.37 : 0.52), color: WHITE });
  if (subtitle) {
    const line = fitLine(pen, subtitle, { size: height * 0.215, weight: 400, room: inner });
    write(pen, line, { x: left, middle: height * 0.735, color: MUTED_TEXT });
  }
  return pen;
}

/** One round of a ticker: solid, so that moving it is copying rows. Its width is the way until it begins again. */
export function drawTickerRound(overlay: Pick<OverlayOf<'ticker'>, 'text' | 'color'>, room: Room): Pen {
  const { height } = room;
  const size = Math.round(height * 0.5);
  const pause = Math.round(height * 1.4);
  const line = fitLine(paper(2, 2).pen, oneLine(overlay.text, 2000), {
    size,
    weight: 500,
    room: LONGEST,
    smallest: size,
  });
  const { pen, width } = paper(line.width + pause, height);
  const color = overlay.color ?? INK;
  pen.fillStyle = color;
  pen.fillRect(0, 0, width, height);
  write(pen, line, { x: pause / 2, middle: height / 2, color: textOn(color) });
  pen.fillStyle = overlay.color ? textOn(color) : SKY;
  pen.beginPath();
  pen.arc(Math.round(height * 0.12), height / 2, height * 0.09, 0, 2 * Math.PI);
  pen.fill();
  return pen;
}

/** A clock that runs towards zero, with a word above it. */
export function drawCountdown(art: { label: string; time: string }, room: Room): Pen {
  const label = oneLine(art.label, 80);
  const { height } = room;
  const side = Math.round(room.unit * 0.028);
  const probe = paper(2, 2).pen;
  tabular(probe);
  const time = fitLine(probe, oneLine(art.time, 80), {
    size: height * (label ? 0.44 : 0.56),
    weight: 600,
    room: room.width - 2 * side,
  });
  const above = fitLine(probe, label, { size: height * 0.2, weight: 500, room: room.width - 2 * side });
  const { pen, width } = paper(Math.max(time.width, above.width) + 2 * side, height);
  field(pen, { width, height, radius: room.unit * 0.012, color: BACK });
  if (label) write(pen, above, { x: side, middle: height * 0.25, color: MUTED_TEXT });
  tabular(pen);
  write(pen, time, { x: side, middle: label ? height * 0.64 : height / 2, color: WHITE });
  return pen;
}

/** A chat message with its author. */
export function drawMessage(overlay: Pick<OverlayOf<'message'>, 'author' | 'text' | 'color'>, room: Room): Pen {
  const author = oneLine(overlay.author, 64);
  const size = Math.round(room.unit * 0.034);
  const small = Math.round(size * 0.78);
  const side = Math.round(size * 0.75);
  const face = Math.round(size * 1.15);
  const left = side + face * 2 + Math.round(size * 0.6);
  const probe = paper(2, 2).pen;
  const inner = room.width - left - side;
  const who = fitLine(probe, author, { size: small, weight: 600, room: inner });
  probe.font = font(size, 400);
  const step = Math.round(size * 1.32);
  const most = Math.max(1, Math.floor((room.height - 2 * side - small * 1.6) / step));
  const lines = wrap(probe, printable(overlay.text).replace(/\s+/g, ' ').trim(), inner, most);
  const widest = Math.max(who.width, ...lines.map((line) => widthOf(probe, line)));
  const tall = Math.max(2 * side + small * 1.6 + lines.length * step - size * 0.25, 2 * (face + side));
  const { pen, width, height } = paper(left + widest + side, Math.min(room.height, tall));
  field(pen, { width, height, radius: room.unit * 0.016, color: withAlpha(INK, 0.9) });
  const color = overlay.color ?? faceColor(author);
  pen.fillStyle = color;
  pen.beginPath();
  pen.arc(side + face, side + face, face, 0, 2 * Math.PI);
  pen.fill();
  const letter = [...author][0]?.toUpperCase() ?? '';
  write(
    pen,
    { text: letter, size, weight: 600 },
    { x: side + face, middle: side + face, color: textOn(color), align: 'center' },
  );
  write(pen, who, { x: left, middle: side + small * 0.5, color: MUTED_TEXT });
  for (const [index, text] of lines.entries()) {
    write(
      pen,
      { text, size, weight: 400 },
      { x: left, middle: side + small * 1.55 + step * (index + 0.42), color: WHITE },
    );
  }
  return pen;
}

/** Free words. */
export function drawText(
  overlay: Pick<OverlayOf<'text'>, 'text' | 'align' | 'size' | 'color' | 'backed'>,
  room: Room,
): Pen {
  const size = Math.max(6, Math.round(overlay.size * room.unit));
  const side = Math.round(size * 0.5);
  const step = Math.round(size * 1.26);
  const probe = paper(2, 2).pen;
  probe.font = font(size, 600);
  const most = Math.max(1, Math.floor((room.height - side) / step));
  const lines = wrap(probe, printable(overlay.text).trim(), Math.max(size, room.width - 2 * side), most);
  const widest = Math.max(...lines.map((line) => widthOf(probe, line)));
  const { pen, width, height } = paper(widest + 2 * side, Math.min(room.height, lines.length * step + side));
  const backs = textOn(overlay.color) === WHITE ? WHITE : INK;
  if (overlay.backed) field(pen, { width, height, radius: room.unit * 0.012, color: withAlpha(backs, 0.8) });
  else {
    pen.shadowColor = withAlpha(backs, 0.7);
    pen.shadowBlur = size * 0.18;
  }
  const x = overlay.align === 'left' ? side : overlay.align === 'right' ? width - side : width / 2;
  for (const [index, text] of lines.entries()) {
    const middle = side / 2 + step * (index + 0.5);
    write(pen, { text, size, weight: 600 }, { x, middle, color: overlay.color, align: overlay.align });
  }
  return pen;
}

/** A picture as large as its room allows, in its own shape. */
export function drawLogo(image: Image, opacity: number, room: Room): Pen {
  const factor = Math.min(room.width / image.width, room.height / image.height);
  const { pen, width, height } = paper(image.width * factor, image.height * factor);
  pen.imageSmoothingQuality = 'high';
  pen.globalAlpha = opacity;
  pen.drawImage(image, 0, 0, width, height);
  return pen;
}

/** A picture that covers the whole frame. */
export function drawBackground(image: Image, size: Size): Pen {
  const { pen, width, height } = paper(size.width, size.height);
  const factor = Math.max(width / image.width, height / image.height);
  const [wide, tall] = [image.width * factor, image.height * factor];
  pen.imageSmoothingQuality = 'high';
  pen.drawImage(image, (width - wide) / 2, (height - tall) / 2, wide, tall);
  return pen;
}
