import { CAPTION_CHOICES, type CaptionStyle } from '../core/caption-style.ts';
import type { ExtraWords } from '../core/extra-words.ts';
import type { PlayerStatus, Quality } from '../core/phase.ts';
import type { SeatStatus } from '../core/seat.ts';
import { make } from '../element/skin.ts';
import type { Captions } from './captions.ts';
import type { Desk } from './context.ts';
import type { PanelBody } from './panels.ts';
import { SPEEDS } from './tools.ts';

const OFF = 'off';

/** The settings as a form of the browser's own controls: keyboards, screen readers and phones know them. */
export function buildSettings(desk: Desk, captions: Captions): PanelBody {
  const { words, signal } = desk;
  const element = make('div', 'rows');
  const quality = selectRow(words.quality, (value) => desk.playback?.choices.setQuality(value));
  const saver = checkRow(words.saver, (on) => desk.playback?.choices.setSaver(on));
  const audioOnly = checkRow(words.audioOnly, (on) => void desk.playback?.choices.setAudioOnly(on));
  const delay = checkRow(words.lowestDelay, (on) => void desk.playback?.setLowestDelay(on));
  const delayState = make('p', 'hint');
  delayState.setAttribute('role', 'status');
  const speed = selectRow(words.speed, (value) => desk.playback?.choices.setRate(Number(value)));
  const track = selectRow(words.captions, (value) => captions.choose(captions.tracks()[Number(value)] ?? null));
  const look = buildCaptionStyle(desk, captions);
  const more = make('div', 'more');
  for (const name of ['stats', 'help'] as const) {
    const button = make('button', 'link');
    button.textContent = words[name];
    button.dataset.opens = name;
    button.addEventListener('click', () => desk.obey({ do: name }), { signal });
    more.append(button);
  }
  fill(
    speed.select,
    SPEEDS.map((each) => [String(each), `${each}×`]),
  );
  element.append(delay.row, delayState, quality.row, saver.row, audioOnly.row, speed.row, track.row, look, more);

  function refresh(): void {
    const status = desk.playback?.status;
    if (!status) return;
    const { qualities, seat } = status;
    // A seat has one quality, with its sound.
    const isSeated = seat?.state === 'on';
    delay.row.hidden = seat === null || !(status.live || seat.wanted);
    delay.input.checked = seat?.wanted === true;
    const said = seat?.wanted ? words[seatWord(seat)] : '';
    if (delayState.textContent !== said) delayState.textContent = said;
    delayState.hidden = said === '' || delay.row.hidden;
    quality.row.hidden = isSeated || qualities.length < 2;
    fill(quality.select, [
      ['auto', autoText(status)],
      ...bySize(qualities).map((each) => [each.id, qualityText(each)] as const),
    ]);
    quality.select.value = status.quality;
    saver.row.hidden = isSeated || qualities.length < 2;
    saver.input.checked = status.saver;
    audioOnly.row.hidden = isSeated || !status.hasAudioOnly;
    audioOnly.input.checked = status.audioOnly;
    speed.row.hidden = status.live && status.following;
    speed.select.value = String(desk.video.playbackRate);
    const all = captions.tracks();
    track.row.hidden = look.hidden = all.length === 0;
    fill(track.select, [[OFF, words.captionsOff], ...all.map((each, i) => [String(i), trackText(each, i)] as const)]);
    const chosen = captions.chosen();
    track.select.value = chosen ? String(all.indexOf(chosen)) : OFF;
  }

  const autoText = ({ qualities, playingQuality, quality: wanted }: PlayerStatus) => {
    const now = qualities.find(({ id }) => id === playingQuality);
    return now && wanted === 'auto' ? words.autoNow.replace('{now}', qualityText(now)) : words.auto;
  };
  const trackText = ({ label, language }: TextTrack, index: number) =>
    label || nameOfLanguage(language, desk.language) || words.captionTrack.replace('{number}', String(index + 1));

  return { element, refresh };
}

function buildCaptionStyle({ words }: Desk, captions: Captions): HTMLDetailsElement {
  const details = make('details', 'look');
  const summary = make('summary', '');
  summary.textContent = words.captionStyle;
  details.append(summary);
  for (const name of Object.keys(CAPTION_CHOICES) as (keyof CaptionStyle)[]) {
    const { row, select } = selectRow(words[name], (value) => {
      const chosen = CAPTION_CHOICES[name].find((each) => String(each) === value);
      if (chosen !== undefined) captions.setStyle({ ...captions.style, [name]: chosen });
    });
    fill(
      select,
      CAPTION_CHOICES[name].map((each) => [String(each), typeof each === 'number' ? `${each} %` : words[each]]),
    );
    select.value = String(captions.style[name]);
    details.append(row);
  }
  return details;
}

const PROBLEM_WORDS = {
  full: 'delayFull',
  unreachable: 'delayUnreachable',
  noPicture: 'delayNoPicture',
  takenBack: 'delayTakenBack',
  lost: 'delayLost',
  refused: 'delayRefused',
} as const;

function seatWord({ state, problem }: SeatStatus): keyof ExtraWords {
  if (state === 'on') return 'delayOn';
  if (state === 'off') return 'delayOff';
  return problem ? PROBLEM_WORDS[problem] : 'delayAsking';
}

const bySize = (qualities: readonly Quality[]) =>
  [...qualities].sort((a, b) => b.height - a.height || b.bitrateKbps - a.bitrateKbps);
const qualityText = ({ height, bitrateKbps }: Quality) => (height > 0 ? `${height}p` : `${bitrateKbps} kbit/s`);

function nameOfLanguage(tag: string, reader: string): string {
  try {
    return tag === '' ? '' : (new Intl.DisplayNames([reader], { type: 'language' }).of(tag) ?? tag);
  } catch {
    return tag;
  }
}

function selectRow(
  label: string,
  onChange: (value: string) => void,
): { row: HTMLLabelElement; select: HTMLSelectElement } {
  const row = make('label', 'setting');
  const select = make('select', '');
  select.addEventListener('change', () => onChange(select.value));
  row.append(label, select);
  return { row, select };
}

function checkRow(label: string, onChange: (on: boolean) => void): { row: HTMLLabelElement; input: HTMLInputElement } {
  const row = make('label', 'setting');
  const input = make('input', '');
  input.type = 'checkbox';
  input.addEventListener('change', () => onChange(input.checked));
  row.append(label, input);
  return { row, input };
}

/** Leaves a list alone that is the same: an open one would close. */
function fill(select: HTMLSelectElement, options: readonly (readonly [string, string])[]): void {
  const wanted = JSON.stringify(options);
  if (select.dataset.for === wanted) return;
  select.dataset.for = wanted;
  select.replaceChildren(...options.map(([value, text]) => new Option(text, value)));
}
