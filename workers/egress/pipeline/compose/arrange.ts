import { type Box, boxesOf, gainsOf } from '#core/scene/boxes-of';
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

export type Arranged = {
  scene: Scene;
  boxes: { box: Box; picture: RawPicture | null; name: string }[];
  gains: Map<string, number>;
  /** A real source is seen or heard: otherwise the slate is sent. */
  live: boolean;
};

/**
 * What is drawn and heard at this instant. Pure: room, wish and time in, boxes with their newest pictures out.
 * @param override layout of an UpdateLayout call, until the next change of the scene
 * @param nowMs monotonic, as in `RawPicture.atMs`
 */
export function arrange(
  view: StageView,
  direction: Direction,
  override: Layout | null,
  program: Program,
  nowMs: number,
): Arranged {
  const scene = sceneFor(view, direction, override);
  const everyone = direction.kind === 'layout';
  const { activeSpeaker, people: sources } = view;
  const frame = { width: program.width, height: program.height };
  const byIdentity = new Map(sources.map((person) => [person.identity, person]));
  const boxes = boxesOf({ scene, sources, frame, activeSpeaker, everyone }).map((box) => {
    const person = byIdentity.get(box.identity);
    return { ...showing(box, person, nowMs), name: person?.name || box.identity };
  });
  const live = boxes.some(({ box, picture }) => isAlive(byIdentity.get(box.identity), box, picture, nowMs));
  return { scene, boxes, gains: gainsOf({ scene, sources, everyone }), live };
}

function sceneFor(view: StageView, direction: Direction, override: Layout | null): Scene {
  const scene = view.metadata?.scene ?? Scene.parse({});
  if (direction.kind === 'scene') return override ? { ...scene, layout: override } : scene;
  if (direction.kind === 'layout') return { ...Scene.parse({}), layout: override ?? direction.layout };
  const source = direction.screenShare ? 'screen' : 'camera';
  return Scene.parse({ layout: 'single', slots: [{ identity: direction.identity, source }] });
}

function showing(box: Box, person: Person | undefined, nowMs: number): { box: Box; picture: RawPicture | null } {
  if (box.card || !person) return { box, picture: null };
  const tap: PictureTap | null = box.source === 'screen' ? person.screenTap : person.cameraTap;
  const picture = tap?.latest() ?? null;
  if (!picture || (box.source === 'camera' && nowMs - picture.atMs > STALE_MS)) {
    return { box: { ...box, card: true, label: null }, picture: null };
  }
  return { box, picture };
}

function isAlive(person: Person | undefined, box: Box, picture: RawPicture | null, nowMs: number): boolean {
  if (!person) return false;
  if (picture) return true;
  if (box.source === 'camera' && person.camera) {
    const last = person.cameraTap?.latest();
    return last !== null && last !== undefined && nowMs - last.atMs <= LOST_MS;
  }
  return person.sounds.length > 0; // a person who only speaks
}
