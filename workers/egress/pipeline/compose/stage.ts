import type { Box } from '#core/scene/boxes-of';
import type { Layout, Program } from '#core/scene/scene';
import { followSpeaker, NO_FOCUS, type SpeakerFocus } from '#core/scene/speaker-focus';
import { type Arranged, arrange, type Direction, gainsFor } from './arrange.ts';
import { type ComposedPicture, Composer } from './composer.ts';
import type { StageView } from './inputs.ts';
import { Mixer } from './mixer.ts';
import type { AddressRule } from './pictures/fetch-picture.ts';
import type { SoundLine } from './sound-line.ts';

export type StageInput = {
  program: Program;
  direction: Direction;
  /** The room as it is now. */
  view(): StageView<SoundLine>;
  /** What the picture draws and how large, twice a second at most. */
  onDrawn?(boxes: Box[], nowMs: number): void;
  /** Where logos and backgrounds may be fetched from. */
  isAllowed: AddressRule;
  /** The slate alone is drawn until the scene changes; sound goes on. */
  onlySlate?: boolean;
  /** Something could not be drawn: for the log. */
  onTrouble(error: unknown): void;
};

const DRAWN_EVERY_MS = 500;

/** Picture and sound of the program at any instant: the whole of `compose/` behind three methods. */
export class Stage {
  readonly #input: StageInput;
  readonly #composer: Composer;
  readonly #mixer = new Mixer();
  #toldMs = Number.NEGATIVE_INFINITY;
  #override: { layout: Layout; sceneVersion: string } | null = null;
  #focus: SpeakerFocus = NO_FOCUS;
  /** The scene that is not drawn; null before the room has told it. */
  #refused: { sceneVersion: string | null } | null;

  constructor(input: StageInput) {
    this.#input = input;
    this.#composer = new Composer(input);
    this.#refused = input.onlySlate ? { sceneVersion: null } : null;
  }

  /** True while nothing but the slate is drawn, whoever is there. */
  get onlySlate(): boolean {
    if (this.#refused && this.#input.view().metadata) {
      this.#refused.sceneVersion ??= this.#sceneVersion();
      if (this.#refused.sceneVersion !== this.#sceneVersion()) this.#refused = null;
    }
    return this.#refused !== null;
  }

  async open(): Promise<void> {
    await this.#composer.open(this.#arrange(), { tick: 0, wallMs: Date.now() });
  }

  /** Overrides the layout, that of a scene until the scene changes next; null = as asked for at the start. */
  setLayout(layout: Layout | null): void {
    this.#override = layout && { layout, sceneVersion: this.#sceneVersion() };
  }

  /** What is drawn just now, for operators. */
  get layout(): string {
    const { direction, view } = this.#input;
    const given = direction.kind === 'layout' ? direction.layout : view().metadata?.scene.layout;
    return this.#layout() ?? given ?? direction.kind;
  }

  /** The picture of this tick; when it cannot be drawn, the slate. */
  async picture(tick: number): Promise<ComposedPicture> {
    const instant = { tick, wallMs: Date.now() };
    const arranged = this.#arrange();
    this.#tellDrawn(arranged);
    try {
      return await this.#composer.compose(arranged, instant);
    } catch (error) {
      this.#input.onTrouble(error);
      return this.#composer.compose({ ...arranged, live: false }, instant);
    }
  }

  /** The next 1,024 samples, left then right. */
  sound(): Float32Array {
    const { direction } = this.#input;
    const view = this.#input.view();
    const gains = gainsFor({ view, direction, override: this.#layout() });
    const entries = view.people.flatMap((person) =>
      person.sounds.map((line) => ({ line, gain: gains.get(person.identity) ?? 0 })),
    );
    return this.#mixer.mix(entries);
  }

  /** True while a real source is on air. */
  isLive(): boolean {
    return this.#arrange().live;
  }

  close(): void {
    this.#composer.close();
  }

  #arrange(): Arranged {
    const { program, direction } = this.#input;
    const view = this.#input.view();
    const nowMs = performance.now();
    const present = view.people.map(({ identity }) => identity);
    this.#focus = followSpeaker(this.#focus, { loudest: view.activeSpeaker, present, nowMs });
    const focus = this.#focus.identity;
    const arranged = arrange({ view, direction, override: this.#layout(), program, focus, nowMs, wallMs: Date.now() });
    return this.onlySlate ? slateOf(arranged) : arranged;
  }

  #layout(): Layout | null {
    const isScene = this.#input.direction.kind === 'scene';
    if (isScene && this.#override && this.#override.sceneVersion !== this.#sceneVersion()) this.#override = null;
    return this.#override?.layout ?? null;
  }

  #tellDrawn({ boxes }: Arranged): void {
    const nowMs = performance.now();
    if (nowMs - this.#toldMs < DRAWN_EVERY_MS) return;
    this.#toldMs = nowMs;
    this.#input.onDrawn?.(
      boxes.map(({ box }) => box),
      nowMs,
    );
  }

  #sceneVersion(): string {
    return JSON.stringify(this.#input.view().metadata?.scene ?? null);
  }
}

/** A show that was on air before is not "starting soon". */
function slateOf({ scene, ...rest }: Arranged): Arranged {
  const { slate } = scene;
  const back = slate.kind === 'soon' ? { ...slate, kind: 'back' as const } : slate;
  return { ...rest, scene: { ...scene, slate: back }, boxes: [], overlays: [], live: false };
}
