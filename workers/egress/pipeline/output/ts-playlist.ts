import { posix } from 'node:path';

/** One uploaded segment as playlists list it. */
export type TsRow = { key: string; durationS: number; wallMs: number; discontinuity: boolean; gap: boolean };

/** Names the egress that writes here: its restarted engine goes on, another egress of the same name begins anew. */
const OWNER = '## openair-egress ';

function rowLines(row: TsRow, playlistKey: string): string[] {
  return [
    ...(row.discontinuity ? ['#EXT-X-DISCONTINUITY'] : []),
    ...(row.gap ? ['#EXT-X-GAP'] : []),
    `#EXT-X-PROGRAM-DATE-TIME:${new Date(row.wallMs).toISOString()}`,
    `#EXTINF:${row.durationS.toFixed(5)},`,
    posix.relative(posix.dirname(playlistKey), row.key),
  ];
}

/**
 * A media playlist of TS segments (RFC 8216bis 4.4): the whole output as an EVENT, or its newest rows as a sliding window.
 * @param from index of the first row listed; 0 for the whole
 */
export function renderTsPlaylist(
  rows: readonly TsRow[],
  how: { key: string; egressId: string; segmentS: number; from: number; event: boolean; ended: boolean },
): string {
  const target = rows.reduce((most, { durationS }) => Math.max(most, Math.round(durationS)), how.segmentS);
  const before = rows.slice(0, how.from).filter(({ discontinuity }) => discontinuity).length;
  const gaps = rows.some(({ gap }) => gap);
  const lines = [
    '#EXTM3U',
    `#EXT-X-VERSION:${gaps ? 8 : 4}`,
    `${OWNER}${how.egressId}`,
    ...(how.event ? ['#EXT-X-PLAYLIST-TYPE:EVENT'] : []),
    `#EXT-X-TARGETDURATION:${target}`,
    `#EXT-X-MEDIA-SEQUENCE:${how.from}`,
    ...(how.event ? [] : [`#EXT-X-DISCONTINUITY-SEQUENCE:${before}`]),
    '#EXT-X-INDEPENDENT-SEGMENTS',
    ...rows.slice(how.from).flatMap((row) => rowLines(row, how.key)),
    ...(how.ended ? ['#EXT-X-ENDLIST'] : []),
  ];
  return `${lines.join('\n')}\n`;
}

/** Rows of a playlist that the same egress wrote before its engine was started again; none of a stranger's. */
export function readTsPlaylist(text: string, key: string, egressId: string): TsRow[] {
  const lines = text.split('\n');
  if (!lines.includes(`${OWNER}${egressId}`)) return [];
  const rows: TsRow[] = [];
  const fresh = () => ({ key: '', durationS: 0, wallMs: 0, discontinuity: false, gap: false });
  let row = fresh();
  for (const line of lines) {
    if (line === '#EXT-X-DISCONTINUITY') row.discontinuity = true;
    else if (line === '#EXT-X-GAP') row.gap = true;
    else if (line.startsWith('#EXT-X-PROGRAM-DATE-TIME:')) row.wallMs = Date.parse(line.slice(25));
    else if (line.startsWith('#EXTINF:')) row.durationS = Number.parseFloat(line.slice(8));
    else if (line !== '' && !line.startsWith('#')) {
      rows.push({ ...row, key: posix.join(posix.dirname(key), line) });
      row = fresh();
    }
  }
  return rows;
}
