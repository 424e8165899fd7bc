import { clockText } from '../core/clock-text.ts';
import { type Preview, previewAt, readStoryboard } from '../core/storyboard.ts';
import { make } from '../element/skin.ts';
import type { Desk } from './context.ts';

/** A live show's storyboard grows by a picture every five seconds. */
const LIVE_FRESH_MS = 15_000;

/** Shows the picture and the time under the pointer over the position bar. */
export function showPreviews(desk: Desk): void {
  const { skin, signal } = desk;
  const { position } = skin;
  const box = make('div', 'preview');
  box.setAttribute('aria-hidden', 'true');
  const picture = make('div', 'preview-picture');
  const time = make('div', 'preview-time');
  box.append(picture, time);
  box.hidden = true;
  skin.bar.append(box);
  signal.addEventListener('abort', () => box.remove());
  const storyboard = createStoryboard(desk);

  /** Where the place in the show is not known (a seat), there is none. */
  function pictureAt(atS: number): Preview | null {
    const offsetS = desk.playback?.engine?.showOffsetS() ?? null;
    return offsetS === null ? null : previewAt(storyboard(), atS + offsetS);
  }

  function show(clientX: number): void {
    const bar = position.getBoundingClientRect();
    const share = Math.min(1, Math.max(0, (clientX - bar.left) / bar.width));
    const start = Number(position.min);
    const end = Number(position.max);
    const atS = start + (end - start) * share;
    const live = desk.playback?.status.live === true;
    time.textContent = live ? clockText(atS - end) : clockText(atS - start);
    const preview = pictureAt(atS);
    picture.hidden = preview === null;
    if (preview) drawTile(picture, preview);
    box.hidden = false;
    const outer = skin.bar.getBoundingClientRect();
    const half = box.offsetWidth / 2;
    const x = Math.min(outer.width - half - 4, Math.max(half + 4, clientX - outer.left));
    box.style.left = `${x - half}px`;
    // The server may still be answering: once more with what it brings.
    void storyboard.ready().then(() => {
      const now = pictureAt(atS);
      if (!box.hidden && now && picture.hidden) {
        picture.hidden = false;
        drawTile(picture, now);
      }
    });
  }

  const hide = () => {
    box.hidden = true;
  };
  position.addEventListener('pointermove', (event) => show(event.clientX), { signal });
  for (const name of ['pointerleave', 'pointercancel', 'blur']) position.addEventListener(name, hide, { signal });
}

function drawTile(picture: HTMLElement, { image, x, y, width, height }: Preview): void {
  picture.style.width = `${width}px`;
  picture.style.height = `${height}px`;
  picture.style.backgroundImage = `url(${JSON.stringify(image)})`;
  picture.style.backgroundPosition = `-${x}px -${y}px`;
}

/** The show's storyboard, fetched when it is first wanted and again while the show grows; empty when there is none. */
function createStoryboard(desk: Desk): (() => Preview[]) & { ready(): Promise<void> } {
  let previews: Preview[] = [];
  let from: string | null = null;
  let fetchedAt = Number.NEGATIVE_INFINITY;
  let under: Promise<void> = Promise.resolve();

  const load = async (address: string) => {
    try {
      const answer = await fetch(address, { credentials: 'omit', signal: desk.signal });
      if (answer.ok) previews = readStoryboard(await answer.text(), new URL('.', answer.url).href);
    } catch {
      // Without pictures the time is shown alone.
    }
  };
  const current = () => {
    const { playback } = desk;
    if (!playback) return previews;
    const address = playback.beside('storyboard.vtt');
    const age = performance.now() - fetchedAt;
    if (address !== from) previews = [];
    if (address !== from || (playback.status.live && age > LIVE_FRESH_MS)) {
      from = address;
      fetchedAt = performance.now();
      under = load(address);
    }
    return previews;
  };
  return Object.assign(current, { ready: () => under });
}
