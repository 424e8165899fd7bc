import { make } from '../element/skin.ts';
import type { Desk } from './context.ts';
import type { PanelBody } from './panels.ts';

/** The keys of core/keymap.ts, each with what it does. */
export function buildHelp({ words, host }: Desk): PanelBody {
  const element = make('dl', 'keys');
  /** Only some pages have one. */
  const theatre: HTMLElement[] = [];
  const rows: [string, string][] = [
    ['K', words.keyPlay],
    ['M', words.keyMute],
    ['F', words.keyFullscreen],
    ['T', words.keyTheatre],
    ['← → ↑ ↓', words.keyArrows],
    ['J L', words.keyTen],
    ['0 … 9', words.keyShare],
    ['Home', words.keyStart],
    ['End', words.keyLive],
    ['C', words.keyCaptions],
    ['S', words.keySettings],
    ['I', words.keyPip],
    ['< >', words.keySpeed],
    ['D', words.keyStats],
    ['?', words.keyHelp],
    ['Esc', words.keyClose],
  ];
  for (const [keys, text] of rows) {
    const term = make('dt', '');
    term.append(...keys.split(' ').map((key) => Object.assign(make('kbd', ''), { textContent: key })));
    const meaning = Object.assign(make('dd', ''), { textContent: text });
    if (keys === 'T') theatre.push(term, meaning);
    element.append(term, meaning);
  }
  return {
    element,
    refresh() {
      for (const each of theatre) each.hidden = !host.hasAttribute('theatre');
    },
  };
}
