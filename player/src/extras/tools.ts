import { svg } from '../element/icons.ts';
import { SHORTEST_DVR_S } from '../element/paint.ts';
import { iconButton } from '../element/skin.ts';
import type { Captions } from './captions.ts';
import type { Desk } from './context.ts';
import type { Panel } from './panels.ts';
import { buildRemoteButton } from './remote.ts';

export const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2];

const ICONS = {
  captions: svg(
    '<rect x="3" y="5" width="18" height="14" rx="2"/><path d="M10.5 10.5a2 2 0 1 0 0 3M17 10.5a2 2 0 1 0 0 3"/>',
  ),
  settings: svg(
    '<path d="M4 7h10M18 7h2M4 17h2M10 17h10"/><circle cx="16" cy="7" r="2"/><circle cx="8" cy="17" r="2"/>',
  ),
  pip: svg('<path d="M20 11V6H4v12h7"/><path d="M14 14h7v5h-7z" fill="currentColor"/>'),
  theatre: svg('<rect x="3" y="6" width="18" height="12" rx="1.5"/><path d="M15 6v12"/>'),
  startOver: svg('<path d="M4 12a8 8 0 1 0 2.5-5.8M4 4v4h4"/>'),
};

export type Tools = { refresh(): void; remove(): void };

/** The buttons beside the full-screen one. */
export function buildTools(
  desk: Desk,
  captions: Captions,
  panels: { settings: Panel; help: Panel; stats: Panel },
): Tools {
  const { words, skin, video, signal } = desk;
  const startOver = iconButton(ICONS.startOver, words.startOver);
  const cc = iconButton(ICONS.captions, words.captions);
  const settings = iconButton(ICONS.settings, words.settings);
  const pip = iconButton(ICONS.pip, words.pictureInPicture);
  const theatre = iconButton(ICONS.theatre, words.theatre);
  const remote = buildRemoteButton(desk);
  // Where there is no room for all of them, what has a key of its own goes first.
  startOver.dataset.wide = pip.dataset.wide = '';
  settings.dataset.opens = 'settings';
  settings.setAttribute('aria-haspopup', 'dialog');
  const click = (target: HTMLElement, act: () => void) => target.addEventListener('click', act, { signal });
  click(startOver, () => desk.obey({ do: 'go-start' }));
  click(cc, () => desk.obey({ do: 'captions' }));
  click(settings, () => desk.obey({ do: 'settings' }));
  click(pip, () => desk.obey({ do: 'picture-in-picture' }));
  click(theatre, () => desk.obey({ do: 'theatre' }));
  skin.tools.append(startOver, cc, remote, settings, pip, theatre);

  function refresh(): void {
    const status = desk.playback?.status;
    const { seekable } = video;
    const windowS = seekable.length > 0 ? seekable.end(seekable.length - 1) - seekable.start(0) : 0;
    startOver.hidden = !status?.live || windowS < SHORTEST_DVR_S;
    cc.hidden = captions.tracks().length === 0;
    cc.setAttribute('aria-pressed', String(captions.chosen() !== null));
    pip.hidden = !document.pictureInPictureEnabled || video.disablePictureInPicture || status?.audioOnly === true;
    const mode = desk.host.getAttribute('theatre');
    theatre.hidden = mode === null;
    theatre.setAttribute('aria-pressed', String(mode === 'on'));
    settings.setAttribute('aria-expanded', String(!panels.settings.element.hidden));
  }
  captions.onChange(refresh);
  refresh();
  return {
    refresh,
    remove() {
      for (const button of [startOver, cc, remote, settings, pip, theatre]) button.remove();
    },
  };
}

/** One step faster or slower, where the speed is the viewer's. */
export function stepSpeed({ playback, video }: Desk, steps: 1 | -1): void {
  const at = SPEEDS.findIndex((speed) => speed >= video.playbackRate - 0.01);
  const speed = SPEEDS[(at < 0 ? SPEEDS.indexOf(1) : at) + steps];
  if (speed !== undefined) playback?.choices.setRate(speed);
}

export async function togglePictureInPicture(video: HTMLVideoElement): Promise<void> {
  try {
    await (document.pictureInPictureElement === video
      ? document.exitPictureInPicture()
      : video.requestPictureInPicture());
  } catch {
    // The browser said no (no picture yet, or not allowed in this frame): nothing is lost.
  }
}
