import { expect, test } from 'vitest';
import { admit, estimateCores, type Load } from './admission.ts';
import { appRequest, testConfig } from './fixtures/requests.ts';
import { acceptRequest } from './requests.ts';

const config = testConfig();
const { plan } = acceptRequest(appRequest(), config, 0);
const { cost } = config;
const floors = { room: 0, audioRoom: 0, participant: 0, trackComposite: 0, track: 0, web: 0, audioWeb: 0 };
const load = (more: Partial<Load> = {}): Load => ({ cores: 2, idleCores: 1.5, running: [], ...more });
const one = { estimateCores: 0.35, measuredCores: null, lateShare: 0 };

test('an idle worker is half willing, one that runs something and has room is sure', () => {
  expect(admit(plan, load(), cost)).toMatchObject({ ok: true, affinity: 0.5 });
  expect(admit(plan, load({ running: [one] }), cost)).toMatchObject({ ok: true, affinity: 1 });
});

test('the cost follows the picture, and a cost in egress.yaml is a floor', () => {
  expect(estimateCores(plan, floors)).toBeCloseTo(0.35, 2);
  const ladder = [...plan.program.ladder, { id: '360p', height: 360, bitrateKbps: 800 }];
  expect(estimateCores({ ...plan, program: { ...plan.program, ladder } }, floors)).toBeCloseTo(0.395, 2);
  const full = {
    ...plan.program,
    width: 1920,
    height: 1080,
    fps: 60,
    ladder: [{ id: 'x', height: 1080, bitrateKbps: 6000 }],
  };
  expect(estimateCores({ ...plan, program: full }, floors)).toBeCloseTo(0.98, 2);
  expect(estimateCores({ ...plan, audioOnly: true }, floors)).toBeLessThan(0.1);
  expect(estimateCores(plan, { ...floors, room: 4 })).toBe(4);
  const person = { ...plan, source: { kind: 'participant' as const, identity: 'x', screenShare: false } };
  expect(estimateCores(person, { ...floors, room: 4, participant: 2 })).toBe(2);
  const both = { ...plan, source: { kind: 'tracks' as const, videoTrackId: 'TR_1', audioTrackIds: ['TR_2'] } };
  expect(estimateCores(both, { ...floors, room: 4, track: 5, trackComposite: 3 })).toBe(3);
  expect(estimateCores({ ...both, videoOnly: true }, { ...floors, track: 5, trackComposite: 3 })).toBe(5);
});

test('a full worker refuses with what is needed, what is free and what would fit', () => {
  const running = [one, one, one, one];
  expect(admit(plan, load({ running }), cost)).toMatchObject({
    ok: false,
    reason: expect.stringMatching(
      /0\.35 cores are needed, 0\.2 of 1\.6 are free \(4 running\)\. Sound alone would fit\./,
    ),
  });
  const dear = admit(plan, load(), { ...cost, floors: { ...floors, room: 100 } });
  expect(dear).toMatchObject({ ok: false, needCores: 100, reason: expect.stringContaining('720p30 would fit') });
});

test('what an egress was measured to use counts when it is more than its estimate', () => {
  const heavy = { estimateCores: 0.35, measuredCores: 1.4, lateShare: 0 };
  expect(admit(plan, load({ running: [heavy] }), cost).ok).toBe(false);
  expect(admit(plan, load({ running: [{ ...heavy, measuredCores: 0.1 }] }), cost).ok).toBe(true);
});

test('a busy machine stops another egress only when a running one suffers from it', () => {
  const late = { ...one, lateShare: 0.3 };
  expect(admit(plan, load({ idleCores: 0.02 }), cost).ok).toBe(true);
  expect(admit(plan, load({ idleCores: 0.02, running: [one] }), cost).ok).toBe(true);
  expect(admit(plan, load({ idleCores: 1, running: [late] }), cost).ok).toBe(true);
  expect(admit(plan, load({ idleCores: null, running: [late] }), cost).ok).toBe(true);
  expect(admit(plan, load({ idleCores: 0.02, running: [late] }), cost)).toMatchObject({
    ok: false,
    reason: expect.stringContaining('misses 30 % of its ticks'),
  });
});

test('the limit on the number of egresses holds', () => {
  expect(admit(plan, load({ cores: 64, running: [one, one] }), { ...cost, maxEgresses: 2 })).toMatchObject({
    ok: false,
    reason: expect.stringContaining('2 of at most 2'),
  });
});
