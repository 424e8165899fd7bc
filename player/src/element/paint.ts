import { clockText } from '../core/clock-text.ts';
import { countdown } from '../core/countdown.ts';
import type { PlayerStatus } from '../core/phase.ts';
import type { Words } from '../core/words.ts';
import { icons } from './icons.ts';
import { relabel, type Skin } from './skin.ts';

/** Below this much window a position bar would only confuse. */
export const SHORTEST_DVR_S = 20;

/** Shows a status; called at each change, cheap when nothing changed. */
export function paint(skin: Skin, status: PlayerStatus, words: Words, hasPicture: boolean): void {
  const { phase } = status;
  skin.spinner.hidden = !['loading', 'stalled', 'reconnecting'].includes(phase);
  skin.poster.style.opacity = hasPicture && !status.audioOnly && phase !== 'ended' && phase !== 'waiting' ? '0' : '1';
  const sentence = sentenceFor(status, words);
  if (phase !== 'waiting') skin.message.hidden = sentence === null;
  if (sentence !== null && skin.message.textContent !== sentence) skin.message.textContent = sentence;
  const action = phase === 'ended' ? words.replay : phase === 'failed' ? words.tryAgain : null;
  skin.action.hidden = action === null;
  if (action !== null) skin.action.textContent = action;
  const canControl = phase !== 'waiting' && phase !== 'failed';
  skin.bar.hidden = !canControl;
  skin.unmute.hidden = !(status.muted && phase === 'playing');

  const playing = phase === 'playing' || phase === 'stalled';
  relabel(skin.play, playing ? icons.pause : icons.play, playing ? words.pause : words.play);
  const silent = status.muted || status.volume === 0;
  relabel(skin.mute, silent ? icons.muted : icons.sound, silent ? words.unmute : words.mute);
  setRange(skin.volume, silent ? 0 : status.volume, 0, 1);
  paintBadge(skin, status, words);
  const note = status.hostAway && phase !== 'ended' ? words.hostAway : status.audioOnly ? words.audioOnly : '';
  if (skin.note.textContent !== note) skin.note.textContent = note;
  skin.note.hidden = note === '';
  if (phase !== 'waiting') skin.clock.hidden = true;
}

/** The clock until a show begins; called each second while it is waited for. */
export function paintCountdown(
  skin: Skin,
  startsAt: string | null,
  nowMs: number,
  { words, language }: { words: Words; language: string },
): void {
  const { kind, text } = countdown(startsAt, nowMs);
  skin.clock.hidden = text === null;
  if (text !== null) skin.clock.textContent = text;
  const date = kind === 'dated' && startsAt !== null ? dateText(startsAt, language) : '';
  const sentence =
    kind === 'unknown' ? words.waiting : kind === 'soon' ? words.startsSoon : words.startsAt.replace('{date}', date);
  if (skin.message.textContent !== sentence) skin.message.textContent = sentence;
  skin.message.hidden = false;
}

function dateText(iso: string, language: string): string {
  return new Date(iso).toLocaleString(language || undefined, { dateStyle: 'full', timeStyle: 'short' });
}

function paintBadge(skin: Skin, status: PlayerStatus, words: Words): void {
  skin.badge.hidden = !status.live;
  skin.badge.toggleAttribute('data-at-edge', status.following);
  const seconds = (status.behindS ?? 0).toFixed(1);
  const atEdge = status.seat?.state === 'on' ? words.atLowestDelay : words.atLiveEdge.replace('{seconds}', seconds);
  skin.badge.title = status.following ? atEdge : words.goLive;
  skin.badge.setAttribute('aria-label', status.following ? words.live : words.goLive);
}

/** Position, duration and clock; called at each timeupdate. */
export function paintPosition(skin: Skin, status: PlayerStatus, video: HTMLVideoElement, edgeS: number | null): void {
  const start = video.seekable.length > 0 ? video.seekable.start(0) : 0;
  const end = edgeS ?? (Number.isFinite(video.duration) ? video.duration : video.currentTime);
  skin.position.hidden = end - start < (status.live ? SHORTEST_DVR_S : 0.5);
  const at = status.live && status.following ? end : video.currentTime;
  setRange(skin.position, at, start, end);
  skin.position.style.setProperty('--fill', status.live && status.following ? 'var(--on-air)' : 'var(--accent)');
  const text = status.live
    ? status.following
      ? ''
      : clockText(video.currentTime - end)
    : `${clockText(video.currentTime - start)} / ${clockText(end - start)}`;
  if (skin.time.textContent !== text) skin.time.textContent = text;
  skin.position.setAttribute('aria-valuetext', text || skin.badge.title);
}

function sentenceFor(status: PlayerStatus, words: Words): string | null {
  switch (status.phase) {
    case 'ended':
      return words.ended;
    case 'reconnecting':
    case 'failed':
      return status.problem?.sentence ?? words.reconnecting;
    case 'paused':
    case 'stalled':
      return status.problem?.sentence ?? null;
    default:
      return null;
  }
}

function setRange(input: HTMLInputElement, value: number, min: number, max: number): void {
  if (input.matches(':active')) return;
  input.min = String(min);
  input.max = String(max);
  input.value = String(value);
  input.style.setProperty('--at', `${max > min ? ((value - min) / (max - min)) * 100 : 0}%`);
}
