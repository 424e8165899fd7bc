import type { ExtraWords } from '../core/extra-words.ts';
import { make } from '../element/skin.ts';
import { bufferedAheadS } from '../hls/live-steering.ts';
import type { Desk } from './context.ts';
import type { PanelBody } from './panels.ts';

/** What is so, in figures, for viewers who are asked by a host and for hosts who ask themselves. */
export function buildStats(desk: Desk): PanelBody {
  const { words, video } = desk;
  const element = make('dl', 'figures');
  const cells = new Map<keyof ExtraWords, HTMLElement>();

  function put(name: keyof ExtraWords, text: string | null): void {
    let cell = cells.get(name);
    if (!cell) {
      cell = make('dd', '');
      cell.dataset.stat = name;
      cells.set(name, cell);
      element.append(Object.assign(make('dt', ''), { textContent: words[name] }), cell);
    }
    const shown = text ?? words.unknown;
    if (cell.textContent !== shown) cell.textContent = shown;
  }
  const seconds = (value: number | null | undefined) =>
    value === null || value === undefined ? null : words.seconds.replace('{value}', value.toFixed(2));
  const rate = (kbps: number | null | undefined) => (kbps ? `${(kbps / 1000).toFixed(2)} Mbit/s` : null);

  function refresh(): void {
    const { playback } = desk;
    if (!playback) return;
    const { status, engine, steering } = playback;
    const facts = engine?.facts();
    const dateMs = engine?.dateMs() ?? null;
    const nowMs = playback.serverNowMs();
    const quality = video.getVideoPlaybackQuality?.();
    put('statLatency', status.live && dateMs !== null && nowMs !== null ? seconds((nowMs - dateMs) / 1000) : null);
    put('statBehind', status.live ? seconds(status.behindS) : null);
    const margin = steering?.facts;
    put(
      'statMargin',
      status.live && margin ? `${seconds(margin.marginS) ?? '–'} / ${seconds(margin.targetS) ?? '–'}` : null,
    );
    put('statBuffer', seconds(bufferedAheadS(video)));
    put('statSpeed', `${video.playbackRate.toFixed(2)}×`);
    put(
      'statPicture',
      video.videoWidth > 0 ? `${video.videoWidth} × ${video.videoHeight}${facts?.fps ? `, ${facts.fps}/s` : ''}` : null,
    );
    put('statBitrate', rate(facts?.bitrateKbps));
    put('statBandwidth', rate(facts?.bandwidthKbps));
    put('statCodecs', facts?.codecs ?? null);
    put('statDropped', quality ? `${quality.droppedVideoFrames} / ${quality.totalVideoFrames}` : null);
    put('statStalls', String(status.stalls));
    put('statHost', hostOf(playback.beside('')));
    put('statEngine', engine?.name ?? null);
  }
  return { element, refresh };
}

function hostOf(address: string): string | null {
  try {
    return new URL(address, location.href).host;
  } catch {
    return null;
  }
}
