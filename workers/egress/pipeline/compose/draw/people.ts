import { AMBER, faceColor, INK, PANEL, WHITE, withAlpha } from '../palette.ts';
import { fitLine, oneLine, type Pen, paper, write } from './text.ts';

/** The name in the corner of a picture, with a crossed-out microphone while nothing is heard of it. */
export function drawLabel(art: { name: string; muted: boolean; height: number; room: number }): Pen {
  const text = oneLine(art.name, 40);
  const { height, room } = art;
  const size = Math.round(height * 0.52);
  const side = Math.round(height * 0.34);
  const icon = art.muted ? Math.round(height * 0.62) : 0;
  const space = art.muted ? Math.round(height * 0.16) : 0;
  const probe = paper(2, 2).pen;
  const line = fitLine(probe, text, { size, weight: 500, room: room - 2 * side - icon - space, smallest: size });
  const { pen, width } = paper(line.width + 2 * side + icon + space, height);
  field(pen, { width, height, radius: height * 0.2, color: withAlpha(INK, 0.78) });
  if (art.muted) drawMutedMicrophone(pen, side - height * 0.06, (height - icon) / 2, icon);
  write(pen, line, { x: side + icon + space, middle: height / 2, color: WHITE });
  return pen;
}

/** Stands in for a person without a picture: initials on their colour, the name below. */
export function drawNameCard(art: { name: string; muted: boolean; width: number; height: number }): Pen {
  const { pen, width, height } = paper(art.width, art.height);
  const shorter = Math.min(width, height);
  pen.fillStyle = PANEL;
  pen.fillRect(0, 0, width, height);
  const name = oneLine(art.name, 40);
  const radius = Math.round(shorter * 0.19);
  const middle = { x: width / 2, y: Math.round(height / 2 - shorter * 0.07) };
  pen.fillStyle = faceColor(name);
  pen.beginPath();
  pen.arc(middle.x, middle.y, radius, 0, 2 * Math.PI);
  pen.fill();
  const initials = fitLine(pen, initialsOf(name), { size: Math.round(radius * 0.78), weight: 600, room: radius * 1.6 });
  write(pen, initials, { x: middle.x, middle: middle.y, color: WHITE, align: 'center' });
  const line = fitLine(pen, name, { size: Math.max(9, Math.round(shorter * 0.066)), weight: 500, room: width * 0.88 });
  write(pen, line, { x: width / 2, middle: middle.y + radius + shorter * 0.1, color: WHITE, align: 'center' });
  if (art.muted) drawMutedBadge(pen, { x: middle.x + radius * 0.72, y: middle.y + radius * 0.72 }, radius * 0.34);
  return pen;
}

/** A thin dark line around a picture that is set into another, so that the two do not run together. */
export function drawInsetFrame(art: { width: number; height: number }): Pen {
  const { pen, width, height } = paper(art.width, art.height);
  pen.strokeStyle = INK;
  pen.lineWidth = 4;
  pen.strokeRect(0, 0, width, height);
  return pen;
}

export function field(pen: Pen, shape: { width: number; height: number; radius: number; color: string }): void {
  pen.fillStyle = shape.color;
  pen.beginPath();
  pen.roundRect(0, 0, shape.width, shape.height, shape.radius);
  pen.fill();
}

function drawMutedBadge(pen: Pen, at: { x: number; y: number }, radius: number): void {
  pen.fillStyle = PANEL;
  pen.beginPath();
  pen.arc(at.x, at.y, radius * 1.16, 0, 2 * Math.PI);
  pen.fill();
  pen.fillStyle = INK;
  pen.beginPath();
  pen.arc(at.x, at.y, radius, 0, 2 * Math.PI);
  pen.fill();
  drawMutedMicrophone(pen, at.x - radius * 0.66, at.y - radius * 0.66, radius * 1.32);
}

/** Drawn on a square of 24 units. */
function drawMutedMicrophone(pen: Pen, x: number, y: number, side: number): void {
  pen.save();
  pen.translate(x, y);
  pen.scale(side / 24, side / 24);
  pen.strokeStyle = AMBER;
  pen.lineWidth = 2.2;
  pen.lineCap = 'round';
  pen.beginPath();
  pen.roundRect(9, 2.5, 6, 11.5, 3);
  pen.moveTo(5.5, 11);
  pen.arc(12, 11, 6.5, Math.PI, 0, true);
  pen.moveTo(12, 17.5);
  pen.lineTo(12, 21.5);
  pen.stroke();
  pen.beginPath();
  pen.moveTo(3.5, 3);
  pen.lineTo(20.5, 21);
  pen.stroke();
  pen.restore();
}

function initialsOf(name: string): string {
  const words = name.split(' ').filter((word) => /[\p{L}\p{N}]/u.test(word));
  const letters = words.length > 1 ? [words[0], words.at(-1)] : [words[0] ?? name];
  return letters
    .map((word) => [...new Intl.Segmenter().segment(word ?? '')][0]?.segment ?? '')
    .join('')
    .toUpperCase();
}
