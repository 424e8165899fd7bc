import type { Image } from '@napi-rs/canvas';
import type { Anchor, Overlay, OverlayOf } from '#core/scene/overlay';
import { alignedIn, labelPlace, overlayPlaces } from '#core/scene/overlay-places';
import { even, type Rect, type Size } from '#core/scene/pixels';
import type { Slate } from '#core/scene/scene';
import type { Arranged, ArrangedBox } from './arrange.ts';
import { timeLeft } from './draw/countdown.ts';
import * as graphics from './draw/overlays.ts';
import { drawInsetFrame, drawLabel, drawNameCard } from './draw/people.ts';
import { drawClock, drawSlateText } from './draw/slate.ts';
import type { Pen } from './draw/text.ts';
import type { RawPicture } from './inputs.ts';
import { type PicturePlace, placePicture } from './picture-place.ts';
import type { Sprite } from './sprite.ts';

/** A source's picture in its place. `over`: drawn after the others, since it lies inside one of them. */
export type Tile = { source: string; picture: RawPicture; place: PicturePlace; over: boolean };
/** A sprite at a place; `clip` and `every` for one that runs: repeated to the right, seen inside `clip` only. */
export type Laid = { sprite: Sprite; x: number; y: number; clip?: Rect; every?: number };

/** All that one picture of the program consists of, in drawing order: ground, tiles, sprites. */
export type Composition = {
  /** What changes rarely: background, name cards, the words of the slate. The key says all of it. */
  ground: { key: string; color: string; image: Image | null; veil: boolean; panels: Rect[]; sprites: Laid[] };
  tiles: Tile[];
  sprites: Laid[];
  /** Which arrangement this is: another one may be reached by a cross-fade. */
  arrangement: string;
  showsSource: boolean;
};

export type ComposeInput = {
  arranged: Arranged;
  slate: Slate;
  frame: Size;
  fps: number;
  tick: number;
  wallMs: number;
  /** Draws once, or says null when that has to wait. */
  sprite(key: string, draw: () => Pen | null): Sprite | null;
  picture(url: string): Image | null;
};

/** Overlays that speak of people on air: not on a slate. */
const PEOPLE_ONLY = new Set<Overlay['kind']>(['lower-third', 'banner', 'message']);

export function composition(input: ComposeInput): Composition {
  const { arranged, frame } = input;
  const { scene, live } = arranged;
  const boxes = live ? arranged.boxes : [];
  const names = live && isNamedByBanner(arranged);
  const overlays = live
    ? names
      ? [namesBanner(arranged), ...arranged.overlays]
      : arranged.overlays
    : arranged.overlays.filter(({ kind }) => !PEOPLE_ONLY.has(kind));
  const places = overlayPlaces(overlays, frame, scene.margins.graphics);
  const covered = places.map(({ rect }) => rect);
  const image = scene.background.image ? input.picture(scene.background.image) : null;
  const still = live ? boxes.flatMap((one) => cardOf(one, input)) : slateWords(input);
  const panels = boxes.flatMap(panelOf);
  const groundKey = [
    JSON.stringify(panels),
    scene.background.color,
    image ? numberOf(image) : '',
    live,
    ...still.map(textOf),
  ];
  return {
    ground: {
      key: groundKey.join('|'),
      color: scene.background.color,
      image,
      veil: !live,
      panels,
      sprites: still.map(({ laid }) => laid),
    },
    tiles: boxes.flatMap(tileOf),
    sprites: [
      ...boxes.flatMap((one) => frameOf(one, input)),
      ...(names ? [] : boxes.flatMap((one) => labelOf(one, input, covered))),
      ...(live ? [] : slateClock(input)),
      ...places.flatMap((place) => overlayOf(place, input)),
    ],
    arrangement: JSON.stringify([
      live || input.slate.kind,
      boxes.map(({ box }) => [box.identity, box.source, box.x, box.y, box.width, box.height]),
      overlays.map(({ id }) => id),
    ]),
    showsSource: live,
  };
}

const numbers = new WeakMap<Image, number>();
let images = 0;

/** Which image this is, in few characters: data URLs are long. */
export function numberOf(image: Image): number {
  const known = numbers.get(image);
  if (known !== undefined) return known;
  numbers.set(image, ++images);
  return images;
}

/** The news layout has its banner even when nobody wrote one: with the names of who is seen, which then wear no labels. */
function isNamedByBanner({ scene, overlays }: Arranged): boolean {
  return scene.layout === 'news' && scene.labels && !overlays.some(({ kind }) => kind === 'banner');
}

function namesBanner({ boxes }: Arranged): OverlayOf<'banner'> {
  const title = boxes.map(({ name }) => name).join(' · ');
  return { kind: 'banner', id: 'names', title, subtitle: '', tag: '', visible: true, z: -100 };
}

/** Behind a picture that does not fill its tile. */
function panelOf({ box, picture }: ArrangedBox): Rect[] {
  if (!picture || box.role === 'main') return [];
  const { x, y, width, height } = box;
  const { to } = placePicture(box, picture);
  return to.width === width && to.height === height ? [] : [{ x, y, width, height }];
}

function tileOf({ box, picture }: ArrangedBox): Tile[] {
  if (!picture) return [];
  return [
    { source: `${box.identity}/${box.source}`, picture, place: placePicture(box, picture), over: box.role === 'inset' },
  ];
}

type Still = { key: string; laid: Laid };

function textOf({ key, laid }: Still): string {
  return `${key}@${laid.x},${laid.y}`;
}

/** An inset's card lies over the main picture, so it is no part of the ground: see `frameOf`. */
function cardOf(one: ArrangedBox, input: ComposeInput): Still[] {
  if (one.picture || one.box.role === 'inset') return [];
  const card = nameCard(one, input);
  return card ? [{ key: card.key, laid: { sprite: card.sprite, x: one.box.x, y: one.box.y } }] : [];
}

function nameCard({ box, name }: ArrangedBox, input: ComposeInput): { key: string; sprite: Sprite } | null {
  const { width, height, muted } = box;
  const key = JSON.stringify(['card', name, muted, width, height]);
  const sprite = input.sprite(key, () => drawNameCard({ name, muted, width, height }));
  return sprite && { key, sprite };
}

function frameOf(one: ArrangedBox, input: ComposeInput): Laid[] {
  const { x, y, width, height, role } = one.box;
  if (role !== 'inset') return [];
  const card = one.picture ? null : nameCard(one, input);
  const rim = input.sprite(`rim ${width} ${height}`, () => drawInsetFrame({ width, height }));
  return [card?.sprite, rim].flatMap((sprite) => (sprite ? [{ sprite, x, y }] : []));
}

function labelOf({ box, picture }: ArrangedBox, input: ComposeInput, covered: readonly Rect[]): Laid[] {
  const { label: name, muted } = box;
  if (name === null) return [];
  const unit = Math.min(input.frame.width, input.frame.height);
  const shown = picture ? placePicture(box, picture).to : box;
  const height = even(Math.max(18, Math.min(unit * 0.052, shown.height * 0.13)));
  const room = even(shown.width * 0.86);
  const key = JSON.stringify(['label', name, muted, height, room]);
  const sprite = input.sprite(key, () => drawLabel({ name, muted, height, room }));
  const place = sprite && labelPlace(shown, sprite, covered);
  return sprite && place ? [{ sprite, x: place.x, y: place.y }] : [];
}

function slateWords({ slate, frame, sprite }: ComposeInput): Still[] {
  const { kind, title } = slate;
  const key = JSON.stringify(['slate', kind, title, frame]);
  const words = sprite(key, () => drawSlateText({ kind, title, ...frame }));
  return words ? [{ key, laid: { sprite: words, x: 0, y: 0 } }] : [];
}

function slateClock({ slate, frame, wallMs, sprite }: ComposeInput): Laid[] {
  const text = slate.kind === 'soon' && slate.countdownTo ? timeLeft(Date.parse(slate.countdownTo), wallMs) : null;
  if (text === null) return [];
  const size = Math.round(Math.min(frame.width, frame.height) * 0.1);
  const clock = sprite(`clock ${size} ${text}`, () => drawClock({ text, size }));
  if (!clock) return [];
  return [{ sprite: clock, x: even((frame.width - clock.width) / 2), y: even(frame.height * 0.7) }];
}

const textsOf = new WeakMap<Overlay, string>();

/** Overlays are compared by content: a new scene with the same logo draws nothing anew. */
function contentOf(overlay: Overlay): string {
  let text = textsOf.get(overlay);
  if (text === undefined) {
    const { id: _, visible: __, z: ___, from: ____, until: _____, ...content } = overlay;
    text = JSON.stringify(content);
    textsOf.set(overlay, text);
  }
  return text;
}

function overlayOf(place: { overlay: Overlay; rect: Rect; anchor: Anchor }, input: ComposeInput): Laid[] {
  const { overlay, rect, anchor } = place;
  const room = { width: rect.width, height: rect.height, unit: Math.min(input.frame.width, input.frame.height) };
  const shown = (key: string, draw: () => Pen | null) =>
    input.sprite(`${key}|${room.width}|${room.height}|${contentOf(overlay)}`, draw);
  if (overlay.kind === 'ticker') {
    const sprite = shown('ticker', () => graphics.drawTickerRound(overlay, room));
    if (!sprite) return [];
    // Whole pixels a tick: anything else trembles.
    const step = Math.max(1, Math.round((overlay.speed * input.frame.width) / input.fps));
    return [{ sprite, x: rect.x - ((input.tick * step) % sprite.width), y: rect.y, clip: rect, every: sprite.width }];
  }
  const sprite = drawn(overlay, room, input, shown);
  if (!sprite) return [];
  const at = alignedIn(rect, sprite, anchor);
  return [{ sprite, x: at.x, y: at.y }];
}

function drawn(
  overlay: Exclude<Overlay, { kind: 'ticker' }>,
  room: graphics.Room,
  input: ComposeInput,
  shown: (key: string, draw: () => Pen | null) => Sprite | null,
): Sprite | null {
  switch (overlay.kind) {
    case 'logo': {
      const image = input.picture(overlay.url);
      return image && shown('logo', () => graphics.drawLogo(image, overlay.opacity, room));
    }
    case 'countdown': {
      const time = timeLeft(Date.parse(overlay.to), input.wallMs) ?? overlay.done;
      return time === ''
        ? null
        : shown(`countdown ${time}`, () => graphics.drawCountdown({ label: overlay.label, time }, room));
    }
    case 'lower-third':
      return shown('third', () => graphics.drawLowerThird(overlay, room));
    case 'banner':
      return shown('banner', () => graphics.drawBanner(overlay, room));
    case 'message':
      return shown('message', () => graphics.drawMessage(overlay, room));
    case 'text':
      return shown('text', () => graphics.drawText(overlay, room));
  }
}
