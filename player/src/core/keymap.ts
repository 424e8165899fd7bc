/** What a key does; the element carries it out. */
export type PlayerCommand =
  | { do: 'toggle-play' | 'toggle-mute' | 'toggle-fullscreen' | 'go-live' | 'go-start' }
  | { do: 'seek-by'; seconds: number }
  | { do: 'volume-by'; amount: number }
  /** Share of the window or recording, 0 to 0.9. */
  | { do: 'seek-to-share'; share: number }
  | ExtraCommand;

/** What the extras carry out: the controls that are not needed for the first picture. */
export type ExtraCommand =
  | { do: 'help' | 'captions' | 'settings' | 'stats' | 'picture-in-picture' | 'theatre' | 'close' }
  /** One step faster or slower. */
  | { do: 'speed-by'; steps: 1 | -1 };

const EXTRA = new Set(['help', 'captions', 'settings', 'stats', 'picture-in-picture', 'theatre', 'close', 'speed-by']);

export function isExtra(command: PlayerCommand): command is ExtraCommand {
  return EXTRA.has(command.do);
}

/** The command of a key press, or null when the key is not ours. `key` is `KeyboardEvent.key`. */
export function commandForKey(key: string): PlayerCommand | null {
  switch (key.length === 1 ? key.toLowerCase() : key) {
    case ' ':
    case 'k':
      return { do: 'toggle-play' };
    case 'm':
      return { do: 'toggle-mute' };
    case 'f':
      return { do: 'toggle-fullscreen' };
    case 'j':
      return { do: 'seek-by', seconds: -10 };
    case 'l':
      return { do: 'seek-by', seconds: 10 };
    case 'ArrowLeft':
      return { do: 'seek-by', seconds: -5 };
    case 'ArrowRight':
      return { do: 'seek-by', seconds: 5 };
    case 'ArrowUp':
      return { do: 'volume-by', amount: 0.05 };
    case 'ArrowDown':
      return { do: 'volume-by', amount: -0.05 };
    case 'Home':
      return { do: 'go-start' };
    case 'End':
      return { do: 'go-live' };
    case '?':
      return { do: 'help' };
    case 'c':
      return { do: 'captions' };
    case 's':
      return { do: 'settings' };
    case 'd':
      return { do: 'stats' };
    case 't':
      return { do: 'theatre' };
    case 'i':
      return { do: 'picture-in-picture' };
    case '>':
      return { do: 'speed-by', steps: 1 };
    case '<':
      return { do: 'speed-by', steps: -1 };
    case 'Escape':
      return { do: 'close' };
    default:
      return /^[0-9]$/.test(key) ? { do: 'seek-to-share', share: Number(key) / 10 } : null;
  }
}
