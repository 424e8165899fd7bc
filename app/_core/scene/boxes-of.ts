import type { Layout, Scene } from './scene.ts';

/** One person (or encoder) in the room, with what they publish just now. Order of a list = order of joining. */
export type StageSource = {
  identity: string;
  name: string;
  /** An unmuted picture of each kind is published. */
  camera: boolean;
  screen: boolean;
  /** A sound track is published, muted or not. */
  sound: boolean;
};

/** Where one source is drawn, in pixels of the program; all four numbers are even, as 4:2:0 pictures need it. */
export type Box = {
  identity: string;
  source: 'camera' | 'screen';
  x: number;
  y: number;
  width: number;
  height: number;
  fit: 'contain' | 'cover';
  /** No picture: the name card stands in. */
  card: boolean;
  /** Name worn in the corner; null when one source alone fills the frame, or on a card, which bears the name anyway. */
  label: string | null;
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

type Place = { x: number; y: number; width: number; height: number };
type Shown = { identity: string; name: string; source: 'camera' | 'screen'; fit: 'contain' | 'cover'; card: boolean };

/** Most pictures that are drawn at once; more people are heard and not seen. */
export const MAX_BOXES = 16;
const MAX_STRIP = 5;

/**
 * Scene + who publishes → boxes, drawing order. Pure: the compositor, the studio's preview and the layout page draw the same.
 * @returns no box when nobody is on air (the slate is shown); boxes never overlap and lie inside the frame
 */
export function boxesOf(input: BoxesInput): Box[] {
  const shown = inOrderOfLayout(shownSources(input), input);
  const places = placesOf(input.scene.layout, shown.length, input.frame);
  const alone = places.length === 1;
  return places.flatMap((place, index) => {
    const source = shown[index];
    if (!source) return [];
    const { name, ...rest } = source;
    return [{ ...rest, ...place, label: alone || source.card ? null : name || null }];
  });
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
      return [shown(source, slot.source, slot.fit)];
    });
  }
  const primary = sources.some(isPrimarySending);
  const onAir = sources.filter(
    (source) =>
      publishes(source) &&
      (everyone || isOnAirUnasked(source.identity)) &&
      !(source.identity === 'enc_backup' && primary),
  );
  const screens = onAir.filter((source) => source.screen).map((source) => shown(source, 'screen', 'contain'));
  const people = onAir
    .filter((source) => source.camera || !source.screen)
    .map((source) => shown(source, 'camera', 'contain'));
  return [...screens, ...people];
}

function publishes(source: StageSource): boolean {
  return source.camera || source.screen || source.sound;
}

function shown(source: StageSource, kind: 'camera' | 'screen', fit: Shown['fit']): Shown {
  return { identity: source.identity, name: source.name, source: kind, fit, card: !source[kind] };
}

/** Puts the main source first for layouts that have one, and cuts to what the layout can hold. */
function inOrderOfLayout(all: Shown[], { scene, activeSpeaker, everyone }: BoxesInput): Shown[] {
  if (scene.layout === 'grid') return all.slice(0, MAX_BOXES);
  const arranged = scene.slots.length > 0 && !everyone;
  const main = arranged
    ? all[0]
    : (all.find((one) => one.source === 'screen') ??
      all.find((one) => one.identity === activeSpeaker) ??
      all.find((one) => !one.card) ??
      all[0]);
  const ordered = main ? [main, ...all.filter((one) => one !== main)] : [];
  return ordered.slice(0, scene.layout === 'single' ? 1 : 1 + MAX_STRIP);
}

function placesOf(layout: Layout, count: number, frame: { width: number; height: number }): Place[] {
  if (count === 0) return [];
  if (count === 1 || layout === 'single') return [{ x: 0, y: 0, ...frame }];
  return layout === 'speaker' ? speakerPlaces(count, frame) : gridPlaces(count, frame);
}

/** The grid whose cells hold the largest 16:9 pictures; the last row is centred. */
function gridPlaces(count: number, frame: { width: number; height: number }): Place[] {
  const gap = gapOf(frame);
  const sizes = Array.from({ length: count }, (_, index) => {
    const columns = index + 1;
    const rows = Math.ceil(count / columns);
    const width = even((frame.width - gap * (columns + 1)) / columns);
    const height = even((frame.height - gap * (rows + 1)) / rows);
    return { columns, rows, width, height, area: Math.min(width, (height * 16) / 9) };
  });
  const best = sizes.reduce((a, b) => (b.area > a.area ? b : a));
  const top = evenUp((frame.height - best.rows * best.height - (best.rows - 1) * gap) / 2);
  return Array.from({ length: count }, (_, index) => {
    const row = Math.floor(index / best.columns);
    const inRow = Math.min(best.columns, count - row * best.columns);
    const left = even((frame.width - inRow * best.width - (inRow - 1) * gap) / 2);
    return {
      x: left + (index - row * best.columns) * (best.width + gap),
      y: even(top) + row * (best.height + gap),
      width: best.width,
      height: best.height,
    };
  });
}

/** One large picture, the others in a column on the right (below it when the program is upright). */
function speakerPlaces(count: number, frame: { width: number; height: number }): Place[] {
  const upright = frame.height > frame.width;
  const gap = gapOf(frame);
  const long = upright ? frame.height : frame.width;
  const cross = upright ? frame.width : frame.height;
  const strip = even(long * 0.22);
  const others = count - 1;
  const main = even(long - strip - gap * 3);
  const tile = Math.min(
    even((cross - gap * (others + 1)) / others),
    even(upright ? (strip * 16) / 9 : (strip * 9) / 16),
  );
  const start = even((cross - others * tile - (others - 1) * gap) / 2);
  const turn = (along: number, across: number, length: number, breadth: number): Place =>
    upright
      ? { x: across, y: along, width: breadth, height: length }
      : { x: along, y: across, width: length, height: breadth };
  return [
    turn(gap, gap, main, even(cross - 2 * gap)),
    ...Array.from({ length: others }, (_, index) => turn(gap * 2 + main, start + index * (tile + gap), strip, tile)),
  ];
}

/** Space between pictures: 8 px at 1280, never odd, none in tiny programs. */
function gapOf(frame: { width: number; height: number }): number {
  return even(Math.min(frame.width, frame.height) / 90);
}

function even(value: number): number {
  return Math.max(0, Math.floor(value / 2) * 2);
}

function evenUp(value: number): number {
  return Math.max(0, Math.ceil(value / 2) * 2);
}
