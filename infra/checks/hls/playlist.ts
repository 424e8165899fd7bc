/** A media playlist taken apart, by the text of draft-pantos-hls-rfc8216bis ("bis") and not by our renderer. */
export type ReadPart = { uri: string; durationS: number; independent: boolean };
export type ReadSegment = {
  msn: number;
  uri: string;
  durationS: number;
  gap: boolean;
  map: string | null;
  dateMs: number | null;
  discontinuity: boolean;
  discontinuitySequence: number;
  parts: ReadPart[];
};
export type ReadPlaylist = {
  headed: boolean;
  version: number;
  targetS: number;
  partTargetS: number | null;
  /** PART-HOLD-BACK. */
  holdBackS: number | null;
  /** HOLD-BACK. */
  wholeHoldBackS: number | null;
  canSkipS: number | null;
  canBlock: boolean;
  msn: number;
  skipped: number;
  vod: boolean;
  ended: boolean;
  segments: ReadSegment[];
  /** Parts behind the last whole segment. */
  open: ReadPart[];
  hint: string | null;
  reports: string[];
};

const attribute = (line: string, name: string): string | null =>
  new RegExp(`[:,]${name}="?([^",]*)"?`).exec(line)?.[1] ?? null;
const number = (text: string | null) => (text === null ? null : Number(text));

function readHead(lines: readonly string[]): ReadPlaylist {
  const tag = (name: string) => lines.find((line) => line.startsWith(`#${name}:`)) ?? null;
  const value = (name: string) => tag(name)?.slice(name.length + 2) ?? null;
  const control = tag('EXT-X-SERVER-CONTROL') ?? '';
  return {
    headed: lines[0] === '#EXTM3U',
    version: Number(value('EXT-X-VERSION')),
    targetS: Number(value('EXT-X-TARGETDURATION') ?? Number.NaN),
    partTargetS: number(attribute(tag('EXT-X-PART-INF') ?? '', 'PART-TARGET')),
    holdBackS: number(attribute(control, 'PART-HOLD-BACK')),
    wholeHoldBackS: number(attribute(control, 'HOLD-BACK')),
    canSkipS: number(attribute(control, 'CAN-SKIP-UNTIL')),
    canBlock: attribute(control, 'CAN-BLOCK-RELOAD') === 'YES',
    msn: Number(value('EXT-X-MEDIA-SEQUENCE') ?? 0),
    skipped: Number(attribute(tag('EXT-X-SKIP') ?? '', 'SKIPPED-SEGMENTS') ?? 0),
    vod: value('EXT-X-PLAYLIST-TYPE') === 'VOD',
    ended: lines.includes('#EXT-X-ENDLIST'),
    segments: [],
    open: [],
    hint: attribute(tag('EXT-X-PRELOAD-HINT') ?? '', 'URI'),
    reports: lines.filter((line) => line.startsWith('#EXT-X-RENDITION-REPORT:')),
  };
}

export function readPlaylist(text: string): ReadPlaylist {
  const lines = text.trimEnd().split('\n');
  const read = readHead(lines);
  const sequence = lines.find((line) => line.startsWith('#EXT-X-DISCONTINUITY-SEQUENCE:'));
  let discontinuitySequence = Number(sequence?.slice(30) ?? 0);
  let msn = read.msn + read.skipped;
  let map: string | null = null;
  let next = { gap: false, dateMs: null as number | null, discontinuity: false, durationS: 0, parts: read.open };
  for (const line of lines) {
    if (line === '#EXT-X-GAP') next.gap = true;
    else if (line === '#EXT-X-DISCONTINUITY') {
      next.discontinuity = true;
      discontinuitySequence++;
    } else if (line.startsWith('#EXT-X-MAP:')) map = attribute(line, 'URI');
    else if (line.startsWith('#EXT-X-PROGRAM-DATE-TIME:')) next.dateMs = Date.parse(line.slice(25));
    else if (line.startsWith('#EXTINF:')) next.durationS = Number.parseFloat(line.slice(8));
    else if (line.startsWith('#EXT-X-PART:')) {
      const independent = attribute(line, 'INDEPENDENT') === 'YES';
      const durationS = Number(attribute(line, 'DURATION'));
      next.parts.push({ uri: attribute(line, 'URI') ?? '', durationS, independent });
    } else if (line !== '' && !line.startsWith('#')) {
      read.segments.push({ ...next, msn: msn++, uri: line, map, discontinuitySequence });
      read.open = [];
      next = { gap: false, dateMs: null, discontinuity: false, durationS: 0, parts: read.open };
    }
  }
  return read;
}

/** What to ask for to see the next change (bis 6.2.5.2). */
export function nextOf(read: ReadPlaylist): { msn: number; part: number } {
  return { msn: read.msn + read.skipped + read.segments.length, part: read.open.length };
}

export type Variant = { id: string; kind: 'video' | 'audio'; uri: string; codecs: string[]; fps: number | null };

/** Renditions of a multivariant playlist (bis 4.4.6). */
export function readVariants(text: string): Variant[] {
  const lines = text.split('\n');
  const found: Variant[] = [];
  const idOf = (uri: string) => uri.split('/').at(-2) ?? uri;
  lines.forEach((line, at) => {
    const uri = lines[at + 1] ?? '';
    if (line.startsWith('#EXT-X-STREAM-INF:')) {
      const codecs = /CODECS="([^"]*)"/.exec(line)?.[1]?.split(',') ?? [];
      const fps = number(/FRAME-RATE=([\d.]+)/.exec(line)?.[1] ?? null);
      found.push({ id: idOf(uri), kind: line.includes('RESOLUTION=') ? 'video' : 'audio', uri, codecs, fps });
    }
    const media = line.startsWith('#EXT-X-MEDIA:TYPE=AUDIO') ? attribute(line, 'URI') : null;
    if (media) found.push({ id: idOf(media), kind: 'audio', uri: media, codecs: [], fps: null });
  });
  return found;
}
