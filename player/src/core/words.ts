/** Everything the player says, in one table a language. `{…}` is filled in. */
const en = {
  play: 'Play',
  pause: 'Pause',
  mute: 'Mute',
  unmute: 'Unmute',
  tapToUnmute: 'Tap to unmute',
  volume: 'Volume',
  position: 'Position',
  live: 'LIVE',
  atLiveEdge: 'Live, {seconds} s behind the newest picture',
  atLowestDelay: 'Live, with the lowest delay',
  goLive: 'Jump to live',
  fullscreen: 'Full screen',
  exitFullscreen: 'Leave full screen',
  player: 'Video player',
  loading: 'Loading',
  waiting: 'The broadcast has not begun. It starts here by itself.',
  startsAt: 'Begins {date}. It starts here by itself.',
  startsSoon: 'The broadcast begins in a moment. It starts here by itself.',
  hostAway: 'The host is reconnecting. The show goes on here by itself.',
  audioOnly: 'Sound only',
  stalled: 'Waiting for the picture',
  reconnecting: 'The connection was lost. Trying again.',
  offline: 'You are offline. Playback goes on when your connection is back.',
  ended: 'The broadcast has ended.',
  replay: 'Watch from the start',
  tryAgain: 'Try again',
  blocked: 'Your browser wants you to start playback yourself.',
  forbidden: 'You may not watch this broadcast.',
  notFound: 'There is no broadcast at this address.',
  unsupported: 'Your browser cannot play this video. A current Chrome, Firefox, Edge or Safari can.',
  decode: 'Your browser could not decode the picture.',
  unreachable: 'The server cannot be reached. Trying again.',
} as const;

export type Word = keyof typeof en;
export type Words = Record<Word, string>;

const de: Words = {
  play: 'Abspielen',
  pause: 'Pause',
  mute: 'Stummschalten',
  unmute: 'Ton einschalten',
  tapToUnmute: 'Tippen für Ton',
  volume: 'Lautstärke',
  position: 'Position',
  live: 'LIVE',
  atLiveEdge: 'Live, {seconds} s hinter dem neuesten Bild',
  atLowestDelay: 'Live, mit der geringsten Verzögerung',
  goLive: 'Zum Livebild springen',
  fullscreen: 'Vollbild',
  exitFullscreen: 'Vollbild verlassen',
  player: 'Videoplayer',
  loading: 'Lädt',
  waiting: 'Die Sendung hat noch nicht begonnen. Sie startet hier von selbst.',
  startsAt: 'Beginn: {date}. Die Sendung startet hier von selbst.',
  startsSoon: 'Die Sendung beginnt gleich. Sie startet hier von selbst.',
  hostAway: 'Der Gastgeber verbindet sich neu. Die Sendung geht hier von selbst weiter.',
  audioOnly: 'Nur Ton',
  stalled: 'Warten auf das Bild',
  reconnecting: 'Die Verbindung ging verloren. Neuer Versuch läuft.',
  offline: 'Du bist offline. Es geht weiter, sobald die Verbindung zurück ist.',
  ended: 'Die Sendung ist zu Ende.',
  replay: 'Von Anfang an ansehen',
  tryAgain: 'Noch einmal versuchen',
  blocked: 'Dein Browser möchte, dass du die Wiedergabe selbst startest.',
  forbidden: 'Du darfst diese Sendung nicht ansehen.',
  notFound: 'Unter dieser Adresse gibt es keine Sendung.',
  unsupported:
    'Dein Browser kann dieses Video nicht abspielen. Ein aktueller Chrome, Firefox, Edge oder Safari kann es.',
  decode: 'Dein Browser konnte das Bild nicht dekodieren.',
  unreachable: 'Der Server ist nicht erreichbar. Neuer Versuch läuft.',
};

/** The table for a BCP 47 tag; English for languages without one. */
export function wordsFor(language: string): Words {
  return language.toLowerCase().startsWith('de') ? de : en;
}
