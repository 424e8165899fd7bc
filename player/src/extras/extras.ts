import { extraWordsFor } from '../core/extra-words.ts';
import type { ExtraCommand } from '../core/keymap.ts';
import type { Playback } from '../element/playback.ts';
import { answerPage } from '../embed/answer-page.ts';
import { createCaptions } from './captions.ts';
import type { Desk, ExtrasContext } from './context.ts';
import { buildHelp } from './help.ts';
import { tellMediaSession } from './media-session.ts';
import { createPanels } from './panels.ts';
import { showPreviews } from './previews.ts';
import { buildSettings } from './settings.ts';
import { buildStats } from './stats.ts';
import { EXTRAS_STYLE } from './style.ts';
import { buildTools, stepSpeed, togglePictureInPicture } from './tools.ts';

export type Extras = {
  /** The element plays another show, or the same one anew. */
  onPlayback(playback: Playback): void;
  obey(command: ExtraCommand): void;
  /** Takes everything away again; idempotent. */
  close(): void;
};

/** The page around carries it out, where it has a theatre mode (attribute `theatre`: `on` or `off`). */
function askForTheatre(host: HTMLElement): void {
  if (host.hasAttribute('theatre')) host.dispatchEvent(new CustomEvent('openair-theatre', { bubbles: true }));
}

/** Adds to a running player what its first picture did not need: menus, captions, previews, statistics, help, system controls. */
export function dressExtras(context: ExtrasContext): Extras {
  const closing = new AbortController();
  const desk: Desk = { ...context, words: extraWordsFor(context.language), playback: null, signal: closing.signal };
  const { root } = context;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(EXTRAS_STYLE);
  root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];

  const captions = createCaptions(desk);
  const panels = createPanels(desk);
  const settings = panels.add('settings', desk.words.settings, buildSettings(desk, captions));
  const help = panels.add('help', desk.words.help, buildHelp(desk));
  const stats = panels.add('stats', desk.words.stats, buildStats(desk));
  const tools = buildTools(desk, captions, { settings, help, stats });
  showPreviews(desk);
  tellMediaSession(desk);
  if (context.host.hasAttribute('api')) answerPage(context.host, closing.signal);

  const onStatus = () => {
    tools.refresh();
    panels.refresh();
  };
  context.host.addEventListener('openair-status', onStatus, { signal: closing.signal });

  return {
    onPlayback(playback) {
      desk.playback = playback;
      onStatus();
    },
    obey(command) {
      if (command.do === 'captions') captions.toggle();
      else if (command.do === 'picture-in-picture') void togglePictureInPicture(desk.video);
      else if (command.do === 'speed-by') stepSpeed(desk, command.steps);
      else if (command.do === 'theatre') askForTheatre(context.host);
      else if (command.do === 'close') panels.close();
      else panels.toggle({ settings, help, stats }[command.do]);
      tools.refresh();
    },
    close() {
      if (closing.signal.aborted) return;
      closing.abort();
      panels.remove();
      captions.remove();
      tools.remove();
      root.adoptedStyleSheets = root.adoptedStyleSheets.filter((each) => each !== sheet);
    },
  };
}
