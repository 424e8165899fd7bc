import { make } from '../element/skin.ts';
import type { Desk } from './context.ts';
import type { PanelBody } from './panels.ts';

/** The keys of core/keymap.ts, each with what it does. */
export function buildHelp({ words }: Desk): PanelBody {
  const element = make('dl', 'keys');
  const rows: [string, string][] = [
    ['K', words.keyPlay],
    ['M', words.keyMute],
    ['F', words.keyFullscreen],
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
    element.append(term, Object.assign(make('dd', ''), { textContent: text }));
  }
  return { element, refresh: () => {} };
}
