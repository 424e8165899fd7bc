import type { Frame } from 'node-av';
import type { Rect } from '#core/scene/pixels';
import type { Program, Transition } from '#core/scene/scene';
import type { Arranged } from './arrange.ts';
import { type Composition, composition, type Laid, numberOf, type Tile } from './composition.ts';
import { drawBackground } from './draw/overlays.ts';
import { loadFonts } from './draw/text.ts';
import { INK, PANEL } from './palette.ts';
import type { AddressRule } from './pictures/fetch-picture.ts';
import { PictureShelf } from './pictures/picture-shelf.ts';
import { copyPlanes, fillWith, mixPlanes, newPlanes, type Planes, windowOf } from './planes.ts';
import { type ProgramFrame, ProgramFrames } from './program-frames.ts';
import type { Sprite } from './sprite.ts';
import { SpriteShelf } from './sprite-shelf.ts';
import { TileScaler } from './tile-scaler.ts';

/** One composed picture; `release` is called by the receiver, once. */
export type ComposedPicture = { frame: Frame; showsSource: boolean; release(): void };

/** The instant of a picture: its number on the program's clock, and the time of day. */
export type Instant = { tick: number; wallMs: number };

export type ComposerInput = {
  program: Program;
  /** Where logos and backgrounds may be fetched from. */
  isAllowed: AddressRule;
  onTrouble(error: unknown): void;
};

type Fade = { from: Composition; startTick: number; ticks: number };

/** Scalers of places that are not drawn any more stay this many ticks: people who are cut back and forth. */
const IDLE_TICKS = 90;

/**
 * Draws the program: one picture a tick, whatever the sources do. Each source is scaled straight into the program's memory, text and
 * logos are laid over as sprites; what did not change is neither scaled nor drawn again. Another arrangement needs nothing rebuilt.
 */
export class Composer {
  readonly #program: Program;
  readonly #onTrouble: (error: unknown) => void;
  readonly #sprites: SpriteShelf;
  readonly #pictures: PictureShelf;
  readonly #frames: ProgramFrames;
  readonly #scalers = new Map<string, { scaler: TileScaler; usedAt: number }>();
  #ground: { key: string; planes: Planes } | null = null;
  #shownSource = false;
  #before: Composition | null = null;
  /** The frame that shows `#before`, as long as nothing else was drawn on it. */
  #shown: ProgramFrame | null = null;
  #fade: Fade | null = null;

  constructor({ program, isAllowed, onTrouble }: ComposerInput) {
    this.#program = program;
    this.#onTrouble = onTrouble;
    this.#sprites = new SpriteShelf(onTrouble);
    this.#pictures = new PictureShelf(isAllowed, onTrouble);
    this.#frames = new ProgramFrames(program);
  }

  /** Sprites drawn so far: nothing is drawn while nothing changes. */
  get spritesDrawn(): number {
    return this.#sprites.drawn;
  }

  /** Loads the fonts, and the pictures and words of the first scene, so that the first tick has them. */
  async open(arranged: Arranged, instant: Instant): Promise<void> {
    loadFonts();
    const { release } = await this.compose(arranged, instant);
    release();
  }

  /** Resolves when every logo and background asked for is there or was given up for now. */
  picturesSettled(): Promise<void> {
    return this.#pictures.settled();
  }

  /** The picture of this instant. */
  async compose(arranged: Arranged, { tick, wallMs }: Instant): Promise<ComposedPicture> {
    this.#sprites.begin();
    const wanted = this.#wanted(arranged, tick, wallMs);
    this.#shownSource ||= wanted.showsSource;
    this.#followFade(wanted, arranged.scene.transition, tick);
    if (!this.#fade && this.#before && this.#shown && isSame(wanted, this.#before)) return given(this.#shown, wanted);
    this.#shown = null;
    const drawn = await this.#draw(wanted, tick);
    // Mixed with what was, a frame shows neither: it is not shown again.
    try {
      if (this.#fade) await this.#mix(this.#fade, drawn, wanted, tick);
    } catch (error) {
      drawn.busy = false;
      throw error;
    }
    this.#before = wanted;
    this.#shown = drawn;
    this.#tidy(tick);
    return given(drawn, wanted);
  }

  close(): void {
    for (const { scaler } of this.#scalers.values()) scaler.close();
    this.#scalers.clear();
    this.#frames.close();
    this.#before = null;
    this.#shown = null;
  }

  #wanted(arranged: Arranged, tick: number, wallMs: number): Composition {
    const program = this.#program;
    const { slate } = arranged.scene;
    // A show that was on air once is not "starting soon" when its source goes away.
    const back = this.#shownSource && slate.kind === 'soon';
    return composition({
      arranged,
      slate: back ? { ...slate, kind: 'back' } : slate,
      frame: { width: program.width, height: program.height },
      fps: program.fps,
      tick,
      wallMs,
      sprite: (key, draw) => this.#sprites.get(key, draw),
      picture: (url) => this.#pictures.get(url, wallMs),
    });
  }

  #followFade(wanted: Composition, transition: Transition, tick: number): void {
    const before = this.#before;
    if (before && before.arrangement !== wanted.arrangement) {
      const ticks = Math.round((transition.ms * this.#program.fps) / 1000);
      this.#fade = transition.kind === 'fade' && ticks > 1 ? { from: before, startTick: tick, ticks } : null;
    }
    if (this.#fade && tick - this.#fade.startTick >= this.#fade.ticks) this.#fade = null;
  }

  /** Lays the arrangement before over the new one, thinner each tick. People who are in both keep moving in both. */
  async #mix(fade: Fade, drawn: ProgramFrame, wanted: Composition, tick: number): Promise<void> {
    const newest = new Map(wanted.tiles.map(({ source, picture }) => [source, picture]));
    const tiles = fade.from.tiles.map((tile) => {
      const picture = newest.get(tile.source) ?? tile.picture;
      const fits = picture.width === tile.picture.width && picture.height === tile.picture.height;
      return fits && picture.rotation === tile.picture.rotation ? { ...tile, picture } : tile;
    });
    const before = await this.#draw({ ...fade.from, tiles }, tick);
    const done = (tick - fade.startTick + 1) / (fade.ticks + 1);
    mixPlanes(before.planes, drawn.planes, Math.round(256 * (1 - done * done * (3 - 2 * done))));
    before.busy = false;
    drawn.drawn = null;
  }

  async #draw(wanted: Composition, tick: number): Promise<ProgramFrame> {
    const ground = this.#groundOf(wanted.ground);
    const shown = `${wanted.ground.key}|${JSON.stringify(wanted.tiles.map(({ place }) => place.to))}`;
    const drawn = this.#frames.take(shown);
    try {
      if (drawn.drawn !== shown) copyPlanes(ground, drawn.planes);
      else for (const rect of drawn.touched) copyPlanes(windowOf(ground, rect), windowOf(drawn.planes, rect));
      drawn.drawn = null;
      drawn.touched = [];
      const put = (tile: Tile) => this.#drawTile(tile, drawn.planes, ground, tick);
      await Promise.all(wanted.tiles.filter(({ over }) => !over).map(put));
      await Promise.all(wanted.tiles.filter(({ over }) => over).map(put));
      for (const laid of wanted.sprites) drawn.touched.push(...this.#lay(laid, drawn.planes));
      drawn.drawn = shown;
      return drawn;
    } catch (error) {
      drawn.busy = false;
      throw error;
    }
  }

  /** A source that cannot be scaled leaves the ground in its place: one bad source takes no picture along. */
  async #drawTile(tile: Tile, planes: Planes, ground: Planes, tick: number): Promise<void> {
    const { place, picture } = tile;
    try {
      const { width, height } = picture;
      const key = `${tile.source}|${width}|${height}|${JSON.stringify(place)}`;
      let entry = this.#scalers.get(key);
      if (!entry) {
        entry = { scaler: new TileScaler(place), usedAt: tick };
        this.#scalers.set(key, entry);
      }
      entry.usedAt = tick;
      await entry.scaler.draw(picture, planes);
    } catch (error) {
      this.#onTrouble(error);
      copyPlanes(windowOf(ground, place.to), windowOf(planes, place.to));
    }
  }

  /** Lays a sprite; gives the places it changed. */
  #lay({ sprite, x, y, clip, every }: Laid, planes: Planes): Rect[] {
    const { width, height } = this.#program;
    if (clip && every) {
      for (let at = x; at < clip.x + clip.width; at += every) sprite.draw(planes, at, y, clip);
      return [clip];
    }
    sprite.draw(planes, x, y);
    const left = Math.max(0, x);
    const top = Math.max(0, y);
    const right = Math.min(width, x + sprite.width);
    const bottom = Math.min(height, y + sprite.height);
    return right > left && bottom > top ? [{ x: left, y: top, width: right - left, height: bottom - top }] : [];
  }

  #groundOf(ground: Composition['ground']): Planes {
    if (this.#ground?.key === ground.key) return this.#ground.planes;
    const { width, height } = this.#program;
    const planes = newPlanes(width, height);
    fillWith(planes, ground.color);
    if (ground.image) this.#backgroundSprite(ground)?.draw(planes, 0, 0);
    for (const panel of ground.panels) fillWith(windowOf(planes, panel), PANEL);
    for (const laid of ground.sprites) this.#lay(laid, planes);
    this.#ground = { key: ground.key, planes };
    return planes;
  }

  #backgroundSprite({ image, veil }: Composition['ground']): Sprite | null {
    const { width, height } = this.#program;
    if (!image) return null;
    return this.#sprites.get(`background|${veil}|${numberOf(image)}`, () => {
      const pen = drawBackground(image, { width, height });
      if (veil) {
        // Words have to be read on any picture.
        pen.globalAlpha = 0.55;
        pen.fillStyle = INK;
        pen.fillRect(0, 0, width, height);
      }
      return pen;
    });
  }

  #tidy(tick: number): void {
    for (const [key, { scaler, usedAt }] of this.#scalers) {
      if (tick - usedAt < IDLE_TICKS) continue;
      scaler.close();
      this.#scalers.delete(key);
    }
  }
}

function given(drawn: ProgramFrame, { showsSource }: Composition): ComposedPicture {
  drawn.busy = true;
  return {
    frame: drawn.frame,
    showsSource,
    release: () => {
      drawn.busy = false;
    },
  };
}

function isSame(a: Composition, b: Composition): boolean {
  return (
    a.ground.key === b.ground.key &&
    a.arrangement === b.arrangement &&
    a.tiles.length === b.tiles.length &&
    a.sprites.length === b.sprites.length &&
    a.tiles.every((tile, index) => isSameTile(tile, b.tiles[index])) &&
    a.sprites.every((laid, index) => {
      const other = b.sprites[index];
      return laid.sprite === other?.sprite && laid.x === other.x && laid.y === other.y;
    })
  );
}

function isSameTile(a: Tile, b: Tile | undefined): boolean {
  return a.picture === b?.picture && JSON.stringify(a.place) === JSON.stringify(b.place);
}
