import { createCanvas, type SKRSContext2D } from '@napi-rs/canvas';
import type { RawPicture } from '../../../workers/egress/pipeline/compose/inputs.ts';

/** Synthetic pictures for the contact sheet: people who look like people from afar, a shared screen, a logo. */
const ROOMS = [
  ['#31506b', '#18222e', '#e9b08c', '#3a2417'],
  ['#6b4a31', '#2a1c14', '#8d5a3b', '#17110d'],
  ['#3f6b4d', '#17281d', '#f0c6a4', '#b5642b'],
  ['#5b3f6b', '#21172a', '#c98f6b', '#22181a'],
  ['#6b3f4a', '#2a171c', '#f3d2b8', '#d9c089'],
  ['#3f5f6b', '#17252a', '#a36f4c', '#2b1d14'],
  ['#62632f', '#252611', '#e2a982', '#59351d'],
  ['#2f4263', '#111a26', '#7a4a30', '#0f0c0b'],
  ['#57575f', '#1d1d21', '#efc0a0', '#7b7b7b'],
] as const;

export function personPicture(index: number, width: number, height: number): RawPicture {
  const { canvas, pen } = open(width, height);
  const [light, dark, skin, hair] = ROOMS[index % ROOMS.length] ?? ROOMS[0];
  const wall = pen.createLinearGradient(0, 0, width, height);
  wall.addColorStop(0, light);
  wall.addColorStop(1, dark);
  pen.fillStyle = wall;
  pen.fillRect(0, 0, width, height);
  pen.fillStyle = `${light}55`;
  for (let lamp = 0; lamp < 6; lamp++) {
    disc(
      pen,
      width * ((lamp * 0.37 + index * 0.21) % 1),
      height * (0.12 + ((lamp * 0.23 + index * 0.11) % 0.5)),
      height * 0.09,
    );
  }
  const x = width / 2;
  const head = Math.min(width, height) * 0.19;
  const y = height * 0.45;
  pen.fillStyle = index % 2 ? '#20303f' : '#39424c';
  pen.beginPath();
  pen.ellipse(x, y + head * 3.1, head * 2.2, head * 1.75, 0, 0, 2 * Math.PI);
  pen.fill();
  pen.fillStyle = hair;
  pen.beginPath();
  pen.ellipse(x, y - head * 0.18, head * 1.02, head * 1.22, 0, 0, 2 * Math.PI);
  pen.fill();
  pen.fillStyle = skin;
  pen.fillRect(x - head * 0.33, y + head * 0.7, head * 0.66, head * 0.9);
  pen.beginPath();
  pen.ellipse(x, y + head * 0.08, head * 0.82, head * 1.05, 0, 0, 2 * Math.PI);
  pen.fill();
  pen.fillStyle = '#241c1a';
  disc(pen, x - head * 0.32, y - head * 0.05, head * 0.085);
  disc(pen, x + head * 0.32, y - head * 0.05, head * 0.085);
  pen.strokeStyle = '#7a3b35';
  pen.lineWidth = head * 0.09;
  pen.lineCap = 'round';
  pen.beginPath();
  pen.arc(x, y + head * 0.35, head * 0.3, 0.2 * Math.PI, 0.8 * Math.PI);
  pen.stroke();
  return toPicture(canvas.data(), width, height);
}

export function screenPicture(width: number, height: number): RawPicture {
  const { canvas, pen } = open(width, height);
  pen.fillStyle = '#f6f7f9';
  pen.fillRect(0, 0, width, height);
  pen.fillStyle = '#dfe3e8';
  pen.fillRect(0, 0, width, height * 0.07);
  pen.fillRect(0, height * 0.07, width * 0.17, height);
  pen.fillStyle = '#2b323a';
  for (let row = 0; row < 13; row++) {
    pen.fillStyle = row === 0 ? '#1b222a' : '#8b95a1';
    const wide = row === 0 ? 0.34 : 0.3 + ((row * 37) % 30) / 100;
    pen.fillRect(width * 0.21, height * (0.13 + row * 0.035), width * wide, height * (row === 0 ? 0.022 : 0.012));
  }
  const bars = [0.3, 0.55, 0.42, 0.78, 0.64, 0.9];
  for (const [index, bar] of bars.entries()) {
    pen.fillStyle = '#2f86c9';
    const tall = height * 0.27 * bar;
    pen.fillRect(width * (0.22 + index * 0.09), height * 0.93 - tall, width * 0.06, tall);
  }
  return toPicture(canvas.data(), width, height);
}

/** A PNG as a data URL, with transparency. */
export function logoUrl(): string {
  const { canvas, pen } = open(256, 96);
  pen.fillStyle = '#37aae3';
  disc(pen, 48, 48, 40);
  pen.fillStyle = '#0d1013';
  disc(pen, 48, 48, 16);
  pen.fillStyle = '#ffffff';
  pen.font = '700 56px "DejaVu Sans"';
  pen.textBaseline = 'middle';
  pen.fillText('open', 100, 48);
  return canvas.toDataURL('image/png');
}

export function backgroundUrl(): string {
  const { canvas, pen } = open(480, 270);
  const sky = pen.createLinearGradient(0, 0, 480, 270);
  sky.addColorStop(0, '#12324a');
  sky.addColorStop(0.6, '#2b4a63');
  sky.addColorStop(1, '#7b4f5c');
  pen.fillStyle = sky;
  pen.fillRect(0, 0, 480, 270);
  pen.fillStyle = '#0e1c28';
  for (let index = 0; index < 24; index++) pen.fillRect(index * 20, 190 - ((index * 53) % 70), 19, 200);
  return canvas.toDataURL('image/jpeg', 70);
}

function open(width: number, height: number) {
  const canvas = createCanvas(width, height);
  return { canvas, pen: canvas.getContext('2d') };
}

function disc(pen: SKRSContext2D, x: number, y: number, radius: number): void {
  pen.beginPath();
  pen.arc(x, y, radius, 0, 2 * Math.PI);
  pen.fill();
}

/** RGBA to I420 as a decoder gives it (BT.709, limited range). */
function toPicture(rgba: Uint8Array, width: number, height: number): RawPicture {
  const data = new Uint8Array((width * height * 3) / 2);
  const chroma = width * height;
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * 4;
      const [r = 0, g = 0, b = 0] = [rgba[at], rgba[at + 1], rgba[at + 2]];
      data[y * width + x] = 16.5 + 0.1826 * r + 0.6142 * g + 0.062 * b;
      if (x % 2 || y % 2) continue;
      const pixel = (y / 2) * (width / 2) + x / 2;
      data[chroma + pixel] = 128.5 - 0.1006 * r - 0.3386 * g + 0.4392 * b;
      data[chroma + chroma / 4 + pixel] = 128.5 + 0.4392 * r - 0.3989 * g - 0.0403 * b;
    }
  return { data, width, height, rotation: 0, atMs: performance.now() };
}
