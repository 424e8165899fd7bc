import type { PlayerStatus } from '../core/phase.ts';
import {
  type Answer,
  type Ask,
  type CommandName,
  type EmbedCommands,
  PROTOCOL,
  readAsk,
  type Told,
} from './messages.ts';

/** What the element offers of itself. */
export type Remoted = HTMLElement & {
  readonly status: PlayerStatus | null;
  readonly video: HTMLVideoElement | null;
  play(): void;
  pause(): void;
  seek(toS: number): void;
  goLive(): void;
  setQuality(id: string): void;
  setDataSaver(on: boolean): void;
  setAudioOnly(on: boolean): void;
  setLowestDelay(on: boolean): void;
};

class BadArgument extends Error {}

/**
 * Lets the page around our frame drive the player. Only the parent window is listened to, answers go to the origin that asked, and before a
 * `hello` nothing is told: a page that does not know the player learns nothing from it. Who may frame us at all is decided by
 * `frame-ancestors`.
 */
export function answerPage(host: HTMLElement, signal: AbortSignal): void {
  if (window.parent === window || !isRemoted(host)) return;
  let listener: { window: Window; origin: string } | null = null;

  const send = (message: Answer | Told) => listener?.window.postMessage(message, listener.origin);
  addEventListener(
    'message',
    ({ source, origin, data }) => {
      if (source !== window.parent) return;
      const ask = readAsk(data);
      if (!ask) return;
      // A document without an origin (sandboxed) can only be answered openly.
      listener = { window: window.parent, origin: origin === 'null' ? '*' : origin };
      send(answer(host, ask));
    },
    { signal },
  );
  host.addEventListener(
    'openair-status',
    (event) => {
      if (event instanceof CustomEvent)
        send({ openair: PROTOCOL, event: 'status', status: event.detail as PlayerStatus });
    },
    { signal },
  );
}

function answer(player: Remoted, ask: Ask): Answer {
  const base = { openair: PROTOCOL, id: ask.id } as const;
  const commands = commandsOf(player);
  if (!Object.hasOwn(commands, ask.do)) {
    return { ...base, ok: false, error: { code: 'unknown-command', message: `There is no command ${ask.do}.` } };
  }
  try {
    return { ...base, ok: true, value: commands[ask.do as CommandName](ask.args) };
  } catch (error) {
    if (!(error instanceof BadArgument)) throw error;
    return { ...base, ok: false, error: { code: 'bad-argument', message: error.message } };
  }
}

type Carried = { [Name in CommandName]: (args: unknown[]) => EmbedCommands[Name]['value'] };

function commandsOf(player: Remoted): Carried {
  const done = (act: () => void) => {
    act();
    return null;
  };
  const { video } = player;
  return {
    hello: () => player.status,
    getStatus: () => player.status,
    play: () => done(() => player.play()),
    pause: () => done(() => player.pause()),
    goLive: () => done(() => player.goLive()),
    seek: ([toS]) => done(() => player.seek(number(toS))),
    setMuted: ([muted]) => done(() => video && setMuted(video, boolean(muted))),
    setVolume: ([volume]) => done(() => video && setVolume(video, Math.min(1, Math.max(0, number(volume))))),
    setQuality: ([id]) => done(() => player.setQuality(qualityId(player, id))),
    setDataSaver: ([on]) => done(() => player.setDataSaver(boolean(on))),
    setAudioOnly: ([on]) => done(() => player.setAudioOnly(boolean(on))),
    setLowestDelay: ([on]) => done(() => player.setLowestDelay(boolean(on))),
    getPosition: () => {
      const seekable = video?.seekable;
      const last = (seekable?.length ?? 0) - 1;
      return {
        positionS: video?.currentTime ?? 0,
        startS: seekable && last >= 0 ? seekable.start(0) : 0,
        endS: seekable && last >= 0 ? seekable.end(last) : 0,
      };
    },
  };
}

function setMuted(video: HTMLVideoElement, muted: boolean): void {
  video.muted = muted;
}
function setVolume(video: HTMLVideoElement, volume: number): void {
  video.volume = volume;
}

function number(value: unknown): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new BadArgument('A number is needed.');
  return value;
}
function boolean(value: unknown): boolean {
  if (typeof value !== 'boolean') throw new BadArgument('true or false is needed.');
  return value;
}
function qualityId({ status }: Remoted, value: unknown): string {
  if (value === 'auto') return value;
  const known = status?.qualities.find(({ id }) => id === value);
  if (!known) throw new BadArgument('This show has no such quality.');
  return known.id;
}

function isRemoted(host: HTMLElement): host is Remoted {
  return 'status' in host && 'goLive' in host && 'video' in host;
}
