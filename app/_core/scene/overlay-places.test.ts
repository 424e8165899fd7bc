import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ANCHORS, KnownOverlay, type Overlay, visibleOverlays } from './overlay.ts';
import { labelPlace, overlayPlaces } from './overlay-places.ts';
import { isInside, overlap } from './pixels.ts';
import { parseRoomMetadata, Scene } from './scene.ts';

const HD = { width: 1280, height: 720 };
const at = '2026-01-01T12:00:00Z';
const make = (overlay: object): Overlay => KnownOverlay.parse({ id: 'o', ...overlay });
const samples = [
  { kind: 'logo', url: 'https://example.org/a.png' },
  { kind: 'lower-third', title: 'Ada Lovelace', subtitle: 'Analyst' },
  { kind: 'banner', title: 'Breaking' },
  { kind: 'ticker', text: 'news' },
  { kind: 'ticker', text: 'news', edge: 'top' },
  { kind: 'countdown', to: at },
  { kind: 'message', author: 'bo', text: 'hello' },
  { kind: 'text', text: 'one\ntwo' },
];

describe('overlayPlaces', () => {
  test('strips take their edge and the rest stands above them', () => {
    const [ticker, third] = overlayPlaces(
      [make({ kind: 'ticker', text: 'x' }), make({ kind: 'lower-third', title: 'Ada' })],
      HD,
      0.04,
    );
    expect(ticker?.rect).toMatchObject({ x: 0, width: 1280 });
    expect((ticker?.rect.y ?? 0) + (ticker?.rect.height ?? 0)).toBe(720);
    expect((third?.rect.y ?? 0) + (third?.rect.height ?? 0)).toBeLessThanOrEqual(ticker?.rect.y ?? 0);
  });

  test('a box of its own is kept to, and never leaves the frame', () => {
    const place = (box: object) => overlayPlaces([make({ kind: 'text', text: 'x', box })], HD, 0.04)[0]?.rect;
    expect(place({ x: 0.5, y: 0.5, width: 0.25, height: 0.1 })).toEqual({ x: 640, y: 360, width: 320, height: 72 });
    expect(place({ x: 0.9, y: 1, width: 0.5, height: 0.5 })).toEqual({ x: 640, y: 360, width: 640, height: 360 });
  });

  test('any overlays in any size lie inside the frame, in even pixels, and do not cover each other', () => {
    const one = fc.tuple(fc.constantFrom(...samples), fc.constantFrom(...ANCHORS));
    const side = fc.integer({ min: 45, max: 1920 }).map((half) => half * 2);
    fc.assert(
      fc.property(fc.array(one, { maxLength: 14 }), side, side, (wanted, width, height) => {
        const overlays = wanted.map(([overlay, anchor], index) => make({ ...overlay, anchor, id: `o${index}` }));
        const places = overlayPlaces(overlays, { width, height }, 0.04);
        for (const { rect } of places) {
          for (const value of [rect.x, rect.y, rect.width, rect.height]) expect(value % 2).toBe(0);
          expect(isInside(rect, { x: 0, y: 0, width, height })).toBe(true);
        }
        for (const [index, a] of places.entries())
          for (const b of places.slice(index + 1)) expect(overlap(a.rect, b.rect)).toBe(false);
        expect(overlayPlaces(overlays, { width, height }, 0.04)).toEqual(places);
      }),
      { numRuns: 500 },
    );
  });

  test('a name moves to another corner when a graphic covers its own', () => {
    const box = { x: 0, y: 0, width: 640, height: 360 };
    const size = { width: 120, height: 30 };
    const free = labelPlace(box, size, []);
    expect(free?.y).toBeGreaterThan(300);
    expect(labelPlace(box, size, [{ x: 0, y: 200, width: 640, height: 160 }])?.y).toBeLessThan(40);
    expect(labelPlace(box, size, [box])).toBe(null);
  });
});

describe('overlays of a scene', () => {
  test('are shown between their instants, in the order of z', () => {
    const overlays = [
      make({ kind: 'text', text: 'b', z: 2 }),
      make({ kind: 'text', text: 'a', z: 1, from: at }),
      make({ kind: 'text', text: 'c', z: 0, until: at }),
      make({ kind: 'text', text: 'd', visible: false }),
    ];
    const shown = (nowMs: number) => visibleOverlays(overlays, nowMs).map((one) => one.kind === 'text' && one.text);
    expect(shown(Date.parse(at) - 1)).toEqual(['c', 'b']);
    expect(shown(Date.parse(at))).toEqual(['a', 'b']);
  });

  test('of an unknown kind are kept and drawn by nobody', () => {
    const scene = Scene.parse({ overlays: [{ id: 'x', kind: 'hologram', depth: 3 }] });
    expect(scene.overlays).toEqual([{ id: 'x', kind: 'hologram', depth: 3 }]);
    expect(visibleOverlays(scene.overlays, 0)).toEqual([]);
  });

  test('of a known kind are checked, and the error names the field', () => {
    const issue = (overlay: object) => Scene.safeParse({ overlays: [{ id: 'x', ...overlay }] }).error?.issues[0];
    expect(issue({ kind: 'logo', url: 'file:///etc/passwd' })?.path).toEqual(['overlays', 0, 'url']);
    expect(issue({ kind: 'countdown', to: 'tomorrow' })?.path).toEqual(['overlays', 0, 'to']);
    expect(issue({ kind: 'lower-third' })?.path).toEqual(['overlays', 0, 'title']);
    expect(issue({ kind: 'text', text: 'x', box: { x: 2, y: 0, width: 1, height: 1 } })?.path).toEqual([
      'overlays',
      0,
      'box',
      'x',
    ]);
  });

  test('that cannot be read do not take the scene along', () => {
    const overlays = [{ id: 'a', kind: 'ticker' }, 7, { id: 'b', kind: 'text', text: 'here' }];
    const read = parseRoomMetadata(JSON.stringify({ v: 1, scene: { layout: 'pip', overlays } }));
    expect(read?.scene.layout).toBe('pip');
    expect(read?.scene.overlays.map((one) => one.id)).toEqual(['b']);
    for (const broken of ['', '{', 'null', '7', '[]', '{"v":2}', '{"v":1,"scene":{"layout":"spiral"}}'])
      expect(parseRoomMetadata(broken)).toBe(null);
  });
});
