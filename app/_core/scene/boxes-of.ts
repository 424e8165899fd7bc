import { CAPACITY, type Place, placesOf } from './layout-places.ts';
import { bannerHeight, tickerHeight } from './overlay-places.ts';
import { even, gapOf, inset, type Rect } from './pixels.ts';
import type { Scene } from './scene.ts';

/** One person (or encoder) in the room, with what they publish just now. Order of a list = order of joining. */
export type StageSource = {
  identity: string;
  name: string;
  /** An unmuted picture of each kind is published. */
  camera: boolean;
  screen: boolean;
  /** A sound track is published, muted or not. */
  sound: boolean;
  /** Nothing is heard of this person now: the microphone is off or not there. */
  muted?: boolean;
};

/** `auto` is decided by the picture's own shape: see `pictureFit`. */
export type Fit = 'auto' | 'contain' | 'cover';

/** Where one source is drawn, in pixels of the program; all four numbers are even, as 4:2:0 pictures need it. */
export type Box = Rect & {
  identity: string;
  source: 'camera' | 'screen';
  role: Place['role'];
  fit: Fit;
  /** No picture: the name card stands in. */
  card: boolean;
  /** Name worn in the corner; null when one source alone fills the frame, or on a card, which bears the name anyway. */
  label: string | null;
  /** The label or card bears a crossed-out microphone. */
  muted: boolean;
};

export type BoxesInput = {
  scene: Scene;
  sources: readonly StageSource[];
  /** Program size in pixels, even. */
  frame: { width: number; height: number };
  /** Who speaks now, for `single` and `speaker` without slots. */
  activeSpeaker?: string | null;
  /** Everybody who publishes is on air, whatever their name: plain LiveKit requests without a scene. */
  everyone?: boolean;
};

type Shown = Pick<Box, 'identity' | 'source' | 'card' | 'muted'> & { name: string; fit: Fit | null };

/**
 * Scene + who publishes → boxes, drawing order. Pure: the compositor, the studio's preview and the layout page draw the same.
 * @returns no box when nobody is on air (the slate is shown); boxes lie inside the margin and do not overlap, except that the insets of
 * `screen` and `pip` lie inside their main picture
 */
export function boxesOf(input: BoxesInput): Box[] {
  const { layout, labels } = input.scene;
  const shown = inOrderOfLayout(shownSources(input), input);
  const area = areaOf(input);
  const places = placesOf(layout, shown.length, area, shown[0]?.source === 'screen');
  const alone = places.length === 1;
  return places.flatMap((place, index) => {
    const source = shown[index];
    if (!source) return [];
    const { name, fit, ...rest } = source;
    const label = alone || source.card || !labels ? null : name || null;
    return [{ ...rest, ...place, fit: fit ?? ownFit(source, layout, alone), label }];
  });
}

/** The frame less its margin; `news` keeps the strips at the lower edge free. */
function areaOf({ scene, frame }: BoxesInput): Rect {
  const area = inset(frame, scene.margins.pictures);
  if (scene.layout !== 'news') return area;
  const ticker = scene.overlays.some((one) => one.kind === 'ticker' && one.visible !== false && one.edge !== 'top');
  const strips = bannerHeight(frame) + (ticker ? tickerHeight(frame) : 0);
  const height = even(Math.min(area.height, frame.height - strips - gapOf(frame) - area.y));
  return { ...area, height: Math.max(2, height) };
}

/** What the layout does with a picture when the slot leaves it open: screens and a source alone are shown whole. */
function ownFit(source: Shown, layout: Scene['layout'], alone: boolean): Fit {
  if (source.source === 'screen') return 'contain';
  if (layout === 'portrait' || layout === 'side-by-side') return 'cover';
  return alone && layout !== 'news' ? 'contain' : 'auto';
}

/**
 * What may be cut off a camera's picture to fill its box: most of its sides, since the face is in the middle, but little of its height,
 * where the head is. An upright phone in a wide box is shown whole.
 */
const MOST_CUT = { sides: 0.7, height: 0.3 };

/** Decides `auto` by the shape of the picture as it is shown (after its rotation). */
export function pictureFit(fit: Fit, box: Rect, picture: { width: number; height: number }): 'contain' | 'cover' {
  if (fit !== 'auto') return fit;
  const ratio = picture.width / picture.height / (box.width / box.height);
  const cut = ratio > 1 ? 1 - 1 / ratio : 1 - ratio;
  return cut <= (ratio > 1 ? MOST_CUT.sides : MOST_CUT.height) ? 'cover' : 'contain';
}

/** Identities whose sound is in the mix, with their gain (0 = muted by the scene). */
export function gainsOf(input: Omit<BoxesInput, 'frame'>): Map<string, number> {
  const gains = new Map<string, number>();
  const { slots } = input.scene;
  for (const source of input.sources) {
    if (!source.sound && !source.camera && !source.screen) continue;
    const own = slots.filter((slot) => slot.identity === source.identity);
    if (slots.length > 0 && !input.everyone) {
      const loud = own.filter((slot) => !slot.muted).map((slot) => slot.gain);
      if (own.length > 0) gains.set(source.identity, Math.max(0, ...loud));
    } else if (input.everyone || isOnAirUnasked(source.identity)) gains.set(source.identity, 1);
  }
  return withoutIdleBackup(gains, input.sources);
}

/** Without slots, hosts, encoders and producers are on air unasked; guests wait backstage. */
export function isOnAirUnasked(identity: string): boolean {
  return /^(host|enc|prod)_/.test(identity);
}

/** The backup encoder carries the same show as the primary: it is heard only while the primary sends nothing. */
function withoutIdleBackup(gains: Map<string, number>, sources: readonly StageSource[]): Map<string, number> {
  if (sources.some(isPrimarySending)) gains.delete('enc_backup');
  return gains;
}

function isPrimarySending(source: StageSource): boolean {
  return source.identity === 'enc_primary' && (source.camera || source.screen);
}

function shownSources({ scene, sources, everyone }: BoxesInput): Shown[] {
  if (scene.slots.length > 0 && !everyone) {
    const byIdentity = new Map(sources.map((source) => [source.identity, source]));
    return scene.slots.flatMap((slot) => {
      const source = byIdentity.get(slot.identity);
      if (!source || !publishes(source)) return [];
      if (slot.source === 'screen' && !source.screen) return [];
      return [shown(source, slot.source, { fit: slot.fit === 'auto' ? null : slot.fit, silenced: slot.muted })];
    });
  }
  const primary = sources.some(isPrimarySending);
  const onAir = sources.filter(
    (source) =>
      publishes(source) &&
      (everyone || isOnAirUnasked(source.identity)) &&
      !(source.identity === 'enc_backup' && primary),
  );
  const screens = onAir.filter((source) => source.screen).map((source) => shown(source, 'screen'));
  const people = onAir.filter((source) => source.camera || !source.screen).map((source) => shown(source, 'camera'));
  return [...screens, ...people];
}

function publishes(source: StageSource): boolean {
  return source.camera || source.screen || source.sound;
}

function shown(
  source: StageSource,
  kind: 'camera' | 'screen',
  slot: { fit: Fit | null; silenced: boolean } = { fit: null, silenced: false },
): Shown {
  const muted = kind === 'camera' && (slot.silenced || (source.muted ?? !source.sound));
  return { identity: source.identity, name: source.name, source: kind, fit: slot.fit, card: !source[kind], muted };
}

/** Puts the main source first for layouts that have one, and cuts to what the layout can hold. The others keep their order. */
function inOrderOfLayout(all: Shown[], { scene, activeSpeaker, everyone }: BoxesInput): Shown[] {
  const { layout, slots } = scene;
  const capacity = CAPACITY[layout];
  const keepsOrder = layout === 'grid' || layout === 'side-by-side' || layout === 'news' || layout === 'portrait';
  const main = keepsOrder || (slots.length > 0 && !everyone) ? all[0] : mainOf(all, activeSpeaker);
  return main ? [main, ...all.filter((one) => one !== main)].slice(0, capacity) : [];
}

function mainOf(all: Shown[], activeSpeaker: string | null | undefined): Shown | undefined {
  return (
    all.find((one) => one.source === 'screen') ??
    all.find((one) => one.identity === activeSpeaker) ??
    all.find((one) => !one.card) ??
    all[0]
  );
}
