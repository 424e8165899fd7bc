import type { Frame } from 'node-av';
import type { Program } from '#core/scene/scene';
import { copyToFrame, FramePool } from '../native-frame.ts';
import type { Arranged } from './arrange.ts';
import { CardShelf } from './card-shelf.ts';
import type { Card } from './cards.ts';
import { isBypass, type Placement, placePicture } from './graph-plan.ts';
import type { RawPicture } from './inputs.ts';
import { MixGraph, type Still } from './mix-graph.ts';
import { labelCard, nameCard, slateCard } from './slate.ts';

/** One composed picture; `release` is called by the receiver, once. */
export type ComposedPicture = { frame: Frame; showsSource: boolean; release(): void };

const LABEL_INSET = 8;

/**
 * Draws the program: one picture a tick, whatever the sources do. The filter graph is made again only when boxes, source sizes or cards
 * change; a single source of the program's own size goes to the encoder as it is.
 */
export class Composer {
  readonly #program: Program;
  readonly #shelf: CardShelf;
  readonly #natives = new Map<RawPicture, Frame>();
  readonly #pool = new FramePool();
  #graph: { key: string; graph: MixGraph } | null = null;
  #shownSource = false;
  #lastSlate: Frame | null = null;
  #black: Frame;
  /** Filter graphs made so far. */
  rebuilds = 0;

  constructor(program: Program, font: string | null) {
    this.#program = program;
    this.#shelf = new CardShelf(font);
    this.#black = blackFrame(program);
  }

  /** Draws the slate before the first tick, so that the first picture has its text. */
  async open(arranged: Arranged): Promise<void> {
    this.#lastSlate = await this.#shelf.prepare(this.#slate(arranged));
  }

  /**
   * The picture of this instant.
   * @throws when libavfilter refuses the graph; the caller shows the last picture again
   */
  async compose(arranged: Arranged): Promise<ComposedPicture> {
    const drawn = arranged.live ? await this.#drawPeople(arranged) : this.#drawSlate(arranged);
    this.#shownSource ||= drawn.showsSource;
    return drawn;
  }

  close(): void {
    this.#graph?.graph.close();
    this.#graph = null;
    this.#shelf.close();
    this.#black.free();
    for (const frame of this.#natives.values()) frame.free();
    this.#natives.clear();
    this.#pool.close();
  }

  #drawSlate(arranged: Arranged): ComposedPicture {
    this.#keepNatives([]);
    this.#lastSlate = this.#shelf.get(this.#slate(arranged)) ?? this.#lastSlate;
    return { frame: this.#lastSlate ?? this.#black, showsSource: false, release: () => {} };
  }

  /** A show that was on air once is not "starting soon" when its source goes away. */
  #slate({ scene }: Arranged): Card {
    const back = this.#shownSource && scene.slate.kind === 'soon';
    const slate = back ? { ...scene.slate, kind: 'back' as const } : scene.slate;
    return slateCard(slate, this.#program, scene.background.color);
  }

  async #drawPeople({ scene, boxes }: Arranged): Promise<ComposedPicture> {
    const pictures = boxes.flatMap(({ picture }) => (picture ? [picture] : []));
    const placements = boxes.flatMap(({ box, picture }) => (picture ? [placePicture(box, picture)] : []));
    const stills = boxes.flatMap(({ box, picture, name }) => {
      const card = picture ? box.label && labelCard(box.label, box) : nameCard(name, box);
      if (!card) return [];
      const y = picture ? box.y + box.height - card.height - LABEL_INSET : box.y;
      return [{ card, x: picture ? box.x + LABEL_INSET : box.x, y }];
    });
    const natives = this.#keepNatives(pictures);
    const [only] = natives;
    if (only && isBypass(placements, this.#program)) return { frame: only, showsSource: true, release: () => {} };
    const graph = this.#graphFor(placements, stills, scene.background.color);
    const frame = await graph.draw(natives);
    return { frame, showsSource: true, release: () => frame.free() };
  }

  #graphFor(placements: Placement[], stills: { card: Card; x: number; y: number }[], color: string): MixGraph {
    const wanted = JSON.stringify([placements, stills, color]);
    const cards = [{ card: plain(this.#program, color), x: 0, y: 0 }, ...stills].map((still) => ({
      ...still,
      frame: this.#shelf.get(still.card),
    }));
    const key = `${wanted}|${cards.map(({ frame }) => (frame ? 1 : 0)).join('')}`;
    if (this.#graph?.key === key) return this.#graph.graph;
    this.#graph?.graph.close();
    this.#graph = null;
    const [background, ...others] = cards;
    const ready = others.filter((still): still is typeof still & Still => still.frame !== null);
    const graph = new MixGraph({
      fps: this.#program.fps,
      background: background?.frame ?? this.#black,
      placements,
      stills: ready,
    });
    this.#graph = { key, graph };
    this.rebuilds++;
    this.#shelf.tidy(this.#lastSlate);
    return graph;
  }

  /** Native copies of the pictures on air; those of pictures no longer shown are freed. */
  #keepNatives(pictures: RawPicture[]): Frame[] {
    const wanted = new Set(pictures);
    for (const [picture, frame] of this.#natives) {
      if (wanted.has(picture)) continue;
      this.#pool.release(frame);
      this.#natives.delete(picture);
    }
    return pictures.map((picture) => {
      const known = this.#natives.get(picture);
      if (known) return known;
      const frame = this.#pool.take(picture);
      this.#natives.set(picture, frame);
      return frame;
    });
  }
}

function plain({ width, height }: { width: number; height: number }, color: string): Card {
  return { width, height, color, circle: null, lines: [] };
}

function blackFrame({ width, height }: { width: number; height: number }): Frame {
  const data = Buffer.alloc((width * height * 3) / 2, 128);
  data.fill(16, 0, width * height);
  return copyToFrame({ data, width, height });
}
