import { describe, expect, test } from 'vitest';
import { Program, RoomMetadata } from '#core/scene/scene';
import { type ArrangeInput, arrange, gainsFor, LOST_MS, STALE_MS } from './arrange.ts';
import { host, plainPicture } from './fixtures/stage-people.ts';
import type { Person } from './inputs.ts';

const picture = plainPicture(120, { width: 64, height: 36 });
const screen = { screen: true, screenTap: { latest: () => picture } };

function look(people: Person[], wish: Partial<Omit<ArrangeInput, 'view'>> & { scene?: object } = {}) {
  const { scene, ...rest } = wish;
  const metadata = scene ? RoomMetadata.parse({ v: 1, scene }) : null;
  const view = { version: 1, people, activeSpeaker: null, metadata };
  const input: ArrangeInput = {
    view,
    direction: { kind: 'scene' },
    override: null,
    program: Program.parse({}),
    focus: null,
    nowMs: 0,
    wallMs: 0,
    ...rest,
  };
  return { ...arrange(input), gains: gainsFor(input) };
}

describe('arrange', () => {
  test('a camera that sends nothing shows its name card, and alone gives way to the slate', () => {
    const quiet = [host('ada', picture, { sounds: [] })];
    expect(look(quiet, { nowMs: STALE_MS }).boxes[0]?.picture).toBe(picture);
    const stale = look(quiet, { nowMs: STALE_MS + 1 });
    expect([stale.boxes[0]?.box.card, stale.live]).toEqual([true, true]);
    expect(look(quiet, { nowMs: LOST_MS + 1 }).live).toBe(false);
  });

  test('a shared screen may stand still for ever', () => {
    const sharing = [host('ada', null, { ...screen, sounds: [] })];
    const late = look(sharing, { nowMs: 3_600_000 });
    expect([late.boxes[0]?.picture, late.live]).toEqual([picture, true]);
  });

  test('who only speaks is on air behind a name card; who does neither is not', () => {
    expect(look([host('ada', null)]).live).toBe(true);
    expect(look([host('ada', null, { sounds: [] })]).live).toBe(false);
    expect(look([])).toMatchObject({ live: false, boxes: [] });
  });

  test('a microphone that gives no sound is marked as muted', () => {
    const two = [host('ada', picture), host('bo', picture, { sounds: [] })];
    expect(look(two).boxes.map(({ box }) => box.muted)).toEqual([false, true]);
  });

  test('an UpdateLayout counts over the scene, a participant egress over both', () => {
    const two = [host('ada', picture), host('bo', picture, screen)];
    const roles = (wish: Parameters<typeof look>[1]) => look(two, wish).boxes.map(({ box }) => box.role);
    expect(roles({ scene: { layout: 'grid' } })).toEqual(['tile', 'tile', 'tile']);
    expect(roles({ scene: { layout: 'grid' }, override: 'pip' })).toEqual(['main', 'inset', 'inset']);
    const one = look(two, { direction: { kind: 'participant', identity: 'host_bo', screenShare: true } });
    expect(one.boxes.map(({ box }) => [box.identity, box.source])).toEqual([['host_bo', 'screen']]);
    expect([...one.gains.keys()]).toEqual(['host_bo']);
  });

  test('a plain LiveKit request without a scene shows everybody', () => {
    const people = [host('ada', picture), host('bo', picture)].map((one) => ({ ...one, identity: `any${one.name}` }));
    expect(look(people).boxes).toEqual([]);
    expect(look(people, { direction: { kind: 'layout', layout: 'grid' } }).boxes).toHaveLength(2);
  });
});
