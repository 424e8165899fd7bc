import type { Words } from '../core/words.ts';
import { icons } from './icons.ts';

/** The parts of the skin that change while playing. */
export type Skin = {
  root: DocumentFragment;
  poster: HTMLDivElement;
  spinner: HTMLDivElement;
  message: HTMLParagraphElement;
  /** Running clock until a show begins; the message beside it is what is read out. */
  clock: HTMLDivElement;
  /** A line over the picture that goes on. */
  note: HTMLParagraphElement;
  action: HTMLButtonElement;
  unmute: HTMLButtonElement;
  title: HTMLDivElement;
  bar: HTMLDivElement;
  position: HTMLInputElement;
  play: HTMLButtonElement;
  mute: HTMLButtonElement;
  volume: HTMLInputElement;
  time: HTMLSpanElement;
  badge: HTMLButtonElement;
  /** Where the extras put their buttons. */
  tools: HTMLDivElement;
  fullscreen: HTMLButtonElement;
};

/** Builds the skin with words of one language. No listener is attached here. */
export function buildSkin(words: Words): Skin {
  const root = document.createDocumentFragment();
  const poster = make('div', 'poster');
  const centre = make('div', 'centre');
  const spinner = make('div', 'spinner');
  spinner.setAttribute('role', 'progressbar');
  spinner.setAttribute('aria-label', words.loading);
  const message = make('p', 'message');
  message.setAttribute('role', 'status');
  message.part.add('message');
  const action = make('button', 'action');
  action.part.add('action');
  const clock = make('div', 'clock');
  clock.setAttribute('aria-hidden', 'true');
  centre.append(spinner, clock, message, action);
  const note = make('p', 'note');
  note.setAttribute('role', 'status');
  note.part.add('note');
  const unmute = make('button', 'unmute');
  unmute.innerHTML = `${icons.muted}<span></span>`;
  unmute.querySelector('span')?.append(words.tapToUnmute);
  const title = make('div', 'title');

  const bar = make('div', 'bar');
  bar.part.add('controls');
  const position = range('position', words.position);
  const play = iconButton(icons.play, words.play);
  const mute = iconButton(icons.sound, words.mute);
  const volume = range('volume', words.volume);
  volume.max = '1';
  volume.step = '0.05';
  const time = make('span', 'time');
  const badge = make('button', 'badge');
  badge.part.add('badge');
  badge.append(words.live);
  const tools = make('div', 'tools');
  const fullscreen = iconButton(icons.fullscreen, words.fullscreen);
  const row = make('div', 'row');
  row.append(play, mute, volume, time, make('span', 'grow'), badge, tools, fullscreen);
  bar.append(position, row);
  root.append(poster, title, centre, note, unmute, bar);
  for (const hidden of [message, clock, note, action, unmute, title, badge, position]) hidden.hidden = true;
  return {
    root,
    poster,
    spinner,
    message,
    clock,
    note,
    action,
    unmute,
    title,
    bar,
    position,
    play,
    mute,
    volume,
    time,
    badge,
    tools,
    fullscreen,
  };
}

/** Changes a button's icon and its spoken name together. */
export function relabel(button: HTMLButtonElement, icon: string, label: string): void {
  if (button.getAttribute('aria-label') === label) return;
  button.innerHTML = icon;
  button.setAttribute('aria-label', label);
  button.title = label;
}

export function make<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  className: string,
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  element.className = className;
  if (element instanceof HTMLButtonElement) element.type = 'button';
  return element;
}

export function iconButton(icon: string, label: string): HTMLButtonElement {
  const button = make('button', 'icon');
  button.part.add('button');
  relabel(button, icon, label);
  return button;
}

function range(className: string, label: string): HTMLInputElement {
  const input = make('input', className);
  input.type = 'range';
  input.min = '0';
  input.step = '0.1';
  input.setAttribute('aria-label', label);
  return input;
}
