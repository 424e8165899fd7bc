import type { EgressInspection } from './inspection.ts';
import { REFRESH_SCRIPT, SCRIPT_HASH, STYLE, STYLE_HASH } from './page-assets.ts';

/** Nothing from elsewhere is loaded, and nothing of the page is kept. */
export const PAGE_HEADERS = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'content-security-policy': `default-src 'none'; img-src 'self'; connect-src 'self'; script-src '${SCRIPT_HASH}'; style-src '${STYLE_HASH}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`,
};

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const safe = (value: unknown) => String(value).replace(/[&<>"']/g, (sign) => ESCAPES[sign] ?? '');
const number = (value: number | null, digits = 0) => (value === null ? '–' : value.toFixed(digits));

function frame(title: string, body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">
<title>${safe(title)}</title><style>${STYLE}</style></head><body>${body}<script>${REFRESH_SCRIPT}</script></body></html>
`;
}

/** The page of all that runs. @param missing an id that was asked for and does not run */
export function listPage(running: readonly EgressInspection[], missing?: string): string {
  const rows = running.map((one) => [
    `<a href="/inspect/${encodeURIComponent(one.egressId)}">${safe(one.egressId)}</a>`,
    safe(one.roomName),
    state(one.status),
    `${one.picture.width} × ${one.picture.height}`,
    `${number(one.composedFps)} / ${one.picture.fps}`,
    number(one.lateTicks),
    number(one.process.cpuCores, 2),
  ]);
  const none = '<p class="quiet">Nothing runs. An egress appears here as soon as it starts.</p>';
  const body = rows.length
    ? table(['egress', 'room', 'state', 'picture', 'pictures a second', 'late ticks', 'cores'], rows)
    : none;
  const notice = missing ? `<p class="bad" role="status">The egress ${safe(missing)} does not run here.</p>` : '';
  return frame('Running egresses', `<main data-refresh="/inspect"><h1>Running egresses</h1>${notice}${body}</main>`);
}

/** The page of one egress. */
export function egressPage(egress: EgressInspection): string {
  const at = `/inspect/${encodeURIComponent(egress.egressId)}`;
  const head = `<nav><a href="/inspect">All egresses</a> · <a href="${at}.json">JSON</a></nav><h1>${safe(egress.egressId)}</h1>`;
  const picture = `<figure><img data-picture="${at}.jpg" src="${at}.jpg" alt="The program just now"><figcaption class="quiet">The program, a picture every second</figcaption></figure>`;
  return frame(
    `Egress ${egress.egressId}`,
    `<main>${head}${picture}<div data-refresh="${at}/works">${worksPart(egress)}</div></main>`,
  );
}

/** What refreshes itself: everything but the picture. */
export function worksPart(egress: EgressInspection): string {
  return [engine(egress), scene(egress), rungs(egress), outputs(egress), destinations(egress)].join('');
}

function engine({ process, picture, ...egress }: EgressInspection): string {
  const silentS = egress.heardAtMs === null ? null : Math.max(0, (Date.now() - egress.heardAtMs) / 1000);
  const facts: [string, string][] = [
    ['state', state(egress.status)],
    ['room', safe(egress.roomName)],
    ['request', safe(egress.type)],
    ['on air since', egress.startedAtMs ? safe(new Date(egress.startedAtMs).toISOString()) : 'not yet'],
    ['pictures a second', `${number(egress.composedFps)} of ${picture.fps}, ${picture.width} × ${picture.height}`],
    ['late ticks', `${egress.lateTicks} of ${egress.ticks} (${share(egress.lateTicks, egress.ticks)})`],
    ['cores', `${number(process.cpuCores, 2)} used, ${number(process.promisedCores, 2)} promised`],
    ['memory', `${number(process.rssMb)} MB`],
    ['process', `${process.pid ?? 'none'}, ${process.restarts} restarts`],
    ['last heard', silentS === null ? 'not yet' : `${number(silentS, 1)} s ago`],
  ];
  return `<h2>Engine</h2><dl>${facts.map(([name, value]) => `<div><dt>${name}</dt><dd>${value}</dd></div>`).join('')}</dl>`;
}

function scene({ facts }: EgressInspection): string {
  if (!facts) return '<h2>Scene</h2><p class="quiet">The engine has not told it yet.</p>';
  const shows = facts.shows === 'source' ? 'a source is on air' : 'the slate is on air';
  const notes = facts.notes.map((note) => `<p class="bad">${safe(note)}</p>`).join('');
  const rows = facts.sources.map((one) => [
    safe(one.identity),
    safe(one.camera ?? '–'),
    safe(one.screen ?? '–'),
    one.sound ? 'yes' : 'no',
    one.pictureAgeMs === null ? '–' : `${Math.round(one.pictureAgeMs)} ms`,
  ]);
  const people = rows.length
    ? table(['who', 'camera', 'screen', 'sound', 'newest picture'], rows)
    : '<p class="quiet">Nobody in the room sends anything.</p>';
  return `<h2>Scene</h2><p>Layout <b>${safe(facts.layout)}</b>; ${shows}.</p>${notes}${people}`;
}

function rungs({ facts }: EgressInspection): string {
  if (!facts?.rungs.length) return '';
  const rows = facts.rungs.map((one) => [
    safe(one.id),
    `${one.width} × ${one.height}`,
    number(one.fps),
    `${one.bitrateKbps} kbit/s`,
    state(one.on ? 'on' : 'dropped'),
    `${number(one.encodeMs, 1)} ms`,
    safe(one.encoder),
  ]);
  const place = `<p class="quiet">Epoch ${facts.epoch}, segment ${facts.lastMsn}.</p>`;
  return `<h2>Rungs</h2>${table(['rung', 'size', 'fps', 'bit rate', 'state', 'encode', 'encoder'], rows)}${place}`;
}

function outputs({ facts }: EgressInspection): string {
  if (!facts?.outputs.length) return '';
  const rows = facts.outputs.map((one) => [safe(one.kind), state(one.state), number(one.queue)]);
  return `<h2>Outputs</h2>${table(['output', 'state', 'waiting'], rows)}`;
}

function destinations({ destinations: all }: EgressInspection): string {
  if (all.length === 0) return '';
  const rows = all.map(({ url, status, report }) => [
    safe(url),
    state(report?.state ?? status),
    report ? `${number(report.bitrateKbps)} kbit/s` : '–',
    number(report?.droppedFrames ?? null),
    number(report?.retries ?? null),
    safe(report?.lastError?.sentence ?? ''),
  ]);
  return `<h2>Destinations</h2>${table(['address', 'state', 'bit rate', 'dropped', 'retries', 'last error'], rows)}`;
}

function table(heads: string[], rows: string[][]): string {
  const head = heads.map((one) => `<th scope="col">${one}</th>`).join('');
  const body = rows.map((cells) => `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`).join('');
  return `<div class="wide"><table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>`;
}

const GOOD = new Set(['active', 'on', 'pushing', 'writing', 'ready', 'live']);
const BAD = new Set(['failed', 'dropped', 'retrying', 'aborted', 'stopped-by-error']);

function state(word: string): string {
  const kind = GOOD.has(word) ? 'good' : BAD.has(word) ? 'bad' : 'quiet';
  return `<span class="${kind}">${safe(word)}</span>`;
}

const share = (part: number, whole: number) => (whole > 0 ? `${((part / whole) * 100).toFixed(2)} %` : '–');
