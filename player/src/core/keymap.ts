/** What a key does; the element carries it out. */
export type PlayerCommand =
  | { do: 'toggle-play' | 'toggle-mute' | 'toggle-fullscreen' | 'go-live' | 'go-start' | 'help' }
  | { do: 'seek-by'; seconds: number }
  | { do: 'volume-by'; amount: number }
  /** Share of the window or recording, 0 to 0.9. */
  | { do: 'seek-to-share'; share: number };

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
    default:
      return /^[0-9]$/.test(key) ? { do: 'seek-to-share', share: Number(key) / 10 } : null;
  }
}
