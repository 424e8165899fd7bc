/** One media playlist as a viewer reads it (RFC 8216bis 4.4). Durations in seconds. */
export type SeenSegment = {
  msn: number;
  uri: string;
  durationS: number;
  discontinuity: boolean;
  gap: boolean;
  /** Address of its init segment. */
  map: string;
};
export type SeenPart = { msn: number; part: number; uri: string; durationS: number; discontinuity: boolean };
export type SeenPlaylist = {
  mediaSequence: number;
  discontinuitySequence: number;
  ended: boolean;
  segments: SeenSegment[];
  parts: SeenPart[];
};

const attribute = (line: string, name: string) => new RegExp(`[:,]${name}="?([^",]+)`).exec(line)?.[1] ?? '';

/** @throws Error when the text is no playlist */
export function readPlaylist(text: string): SeenPlaylist {
  if (!text.startsWith('#EXTM3U')) throw new Error('this is no playlist');
  const seen: SeenPlaylist = { mediaSequence: 0, discontinuitySequence: 0, ended: false, segments: [], parts: [] };
  let msn = 0;
  let part = 0;
  let next = { durationS: 0, discontinuity: false, gap: false };
  let map = '';
  for (const line of text.split('\n')) {
    const value = line.slice(line.indexOf(':') + 1);
    if (line.startsWith('#EXT-X-MEDIA-SEQUENCE:')) {
      seen.mediaSequence = Number(value);
      msn = seen.mediaSequence;
    } else if (line.startsWith('#EXT-X-DISCONTINUITY-SEQUENCE:')) seen.discontinuitySequence = Number(value);
    else if (line === '#EXT-X-DISCONTINUITY') next.discontinuity = true;
    else if (line === '#EXT-X-GAP') next.gap = true;
    else if (line === '#EXT-X-ENDLIST') seen.ended = true;
    else if (line.startsWith('#EXT-X-MAP:')) map = attribute(line, 'URI');
    else if (line.startsWith('#EXTINF:')) next.durationS = Number.parseFloat(value);
    else if (line.startsWith('#EXT-X-PART:')) {
      const durationS = Number(attribute(line, 'DURATION'));
      const { discontinuity } = next;
      seen.parts.push({ msn, part: part++, uri: attribute(line, 'URI'), durationS, discontinuity });
    } else if (line !== '' && !line.startsWith('#')) {
      seen.segments.push({ msn, uri: line.trim(), map, ...next });
      msn += 1;
      part = 0;
      next = { durationS: 0, discontinuity: false, gap: false };
    }
  }
  return seen;
}

/** The renditions of a multivariant playlist, addresses absolute: the first (largest) picture, which is never dropped, and the sound. */
export function readRenditions(text: string, url: string): { video: string | null; audio: string | null } {
  const lines = text.split('\n');
  const audio = lines.find((line) => line.startsWith('#EXT-X-MEDIA:') && line.includes('TYPE=AUDIO'));
  const videos = lines.flatMap((line, at) => (line.startsWith('#EXT-X-STREAM-INF:') ? [lines[at + 1] ?? ''] : []));
  const absolute = (uri: string | undefined) => (uri ? new URL(uri.trim(), url).href : null);
  return { video: absolute(videos[0]), audio: absolute(audio && attribute(audio, 'URI')) };
}
