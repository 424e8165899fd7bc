import { type Box, boxesOf, gainsOf, type StageSource } from '#core/scene/boxes-of';
import { type Overlay, visibleOverlays } from '#core/scene/overlay';
import { type Layout, type Program, Scene } from '#core/scene/scene';
import type { Person, PictureTap, RawPicture, StageView } from './inputs.ts';

/** A camera without a new picture this long shows its name card (a shared screen may stand still for ever). */
export const STALE_MS = 2000;
/** A camera without a picture this long is as good as gone: alone, it gives way to the slate. */
export const LOST_MS = 4000;

/** How the egress was asked to choose what is on air. */
export type Direction =
  | { kind: 'scene' }
  | { kind: 'layout'; layout: Layout }
  | { kind: 'participant'; identity: string; screenShare: boolean };

export type ArrangedBox = { box: Box; picture: RawPicture | null; name: string };

export type Arranged = {
  scene: Scene;
  boxes: ArrangedBox[];
  /** Shown now, in drawing order. */
  overlays: Overlay[];
  /** A real source is seen or heard: otherwise the slate is sent. */
  live: boolean;
};

export type ArrangeInput = {
  view: StageView<unknown>;
  direction: Direction;
  /** Layout of an UpdateLayout call, until the next change of the scene. */
  override: Layout | null;
  program: Program;
  /** Who is large in layouts that follow the speaker. */
  focus: string | null;
  /** Monotonic, as in `RawPicture.atMs`. */
  nowMs: number;
  /** Since 1970, for what is shown from an instant on. */
  wallMs: number;
};

/** What is drawn at this instant. Pure: room, wish and time in, boxes with their newest pictures out. */
export function arrange(input: ArrangeInput): Arranged {
  const { view, direction, program, focus, nowMs } = input;
  const scene = sceneFor(input);
  const { people } = view;
  const sources = people.map(asSource);
  const frame = { width: program.width, height: program.height };
  const byIdentity = new Map(people.map((person) => [person.identity, person]));
  const everyone = direction.kind === 'layout';
  const boxes = boxesOf({ scene, sources, frame, activeSpeaker: focus, everyone }).map((box) => {
    const person = byIdentity.get(box.identity);
    return { ...showing(box, person, nowMs), name: person?.name || box.identity };
  });
  const live = boxes.some(({ box, picture }) => isAlive(byIdentity.get(box.identity), box, picture, nowMs));
  return { scene, boxes, overlays: visibleOverlays(scene.overlays, input.wallMs), live };
}

/** Identities that are heard, with their gain. */
export function gainsFor(input: Pick<ArrangeInput, 'view' | 'direction' | 'override'>): Map<string, number> {
  return gainsOf({
    scene: sceneFor(input),
    sources: input.view.people,
    everyone: input.direction.kind === 'layout',
  });
}

/** Without a scene (a plain LiveKit request) the house's own standard serves. */
const PLAIN = Scene.parse({});

function sceneFor({ view, direction, override }: Pick<ArrangeInput, 'view' | 'direction' | 'override'>): Scene {
  const scene = view.metadata?.scene ?? PLAIN;
  if (direction.kind === 'scene') return override ? { ...scene, layout: override } : scene;
  if (direction.kind === 'layout') return { ...PLAIN, layout: override ?? direction.layout };
  const source = direction.screenShare ? 'screen' : 'camera';
  const slot = { identity: direction.identity, source, fit: 'auto', gain: 1, muted: false } as const;
  return { ...PLAIN, layout: 'single', slots: [slot] };
}

/** A published microphone that gives no sound just now is muted. */
function asSource(person: Person<unknown>): StageSource {
  const { identity, name, camera, screen, sound, sounds } = person;
  return { identity, name, camera, screen, sound, muted: sounds.length === 0 };
}

function showing(
  box: Box,
  person: Person<unknown> | undefined,
  nowMs: number,
): { box: Box; picture: RawPicture | null } {
  if (box.card || !person) return { box, picture: null };
  const tap: PictureTap | null = box.source === 'screen' ? person.screenTap : person.cameraTap;
  const picture = tap?.latest() ?? null;
  if (!picture || (box.source === 'camera' && nowMs - picture.atMs > STALE_MS)) {
    return { box: { ...box, card: true, label: null }, picture: null };
  }
  return { box, picture };
}

function isAlive(person: Person<unknown> | undefined, box: Box, picture: RawPicture | null, nowMs: number): boolean {
  if (!person) return false;
  if (picture) return true;
  if (box.source === 'camera' && person.camera) {
    const last = person.cameraTap?.latest();
    return last !== null && last !== undefined && nowMs - last.atMs <= LOST_MS;
  }
  return person.sounds.length > 0; // a person who only speaks
}
