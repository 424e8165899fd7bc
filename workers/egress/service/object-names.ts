/** What a name in a request may hold in braces. */
export type NameFacts = {
  roomName: string;
  roomId: string;
  /** Of a participant or the publisher of a track. */
  identity: string | null;
  track: { id: string; type: string; source: string } | null;
  /** What a nameless output is called: the room, the identity, the track or `web`. */
  identifier: string;
  nowMs: number;
};

const pad = (value: number, length = 2) => String(value).padStart(length, '0');

/**
 * `{room_id} {room_name} {time} {utc}`, for participants and tracks `{publisher_identity}`, for tracks `{track_id} {track_type}
 * {track_source}`. Times are UTC.
 */
export function fillName(template: string, facts: NameFacts): string {
  const at = new Date(facts.nowMs);
  const day = `${at.getUTCFullYear()}-${pad(at.getUTCMonth() + 1)}-${pad(at.getUTCDate())}`;
  const clock = `${pad(at.getUTCHours())}${pad(at.getUTCMinutes())}${pad(at.getUTCSeconds())}`;
  const values: Record<string, string | null> = {
    room_name: facts.roomName,
    room_id: facts.roomId,
    publisher_identity: facts.identity,
    track_id: facts.track?.id ?? null,
    track_type: facts.track?.type ?? null,
    track_source: facts.track?.source ?? null,
    time: `${day}T${clock}`,
    utc: `${day.replaceAll('-', '')}${clock}${pad(at.getUTCMilliseconds(), 3)}`,
  };
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
}

/** An object key that cannot climb out of its place: no leading slash, no `.` or `..` elements, no control characters. */
export function cleanKey(key: string): string {
  return [...key]
    .filter((char) => char >= ' ' && char !== '\u007f')
    .join('')
    .split('/')
    .filter((part) => part !== '' && part !== '.' && part !== '..')
    .join('/');
}

export type SegmentNames = {
  /** Object key prefix as the plan takes it: a folder with trailing slash for our own shows, else the beginning of a name. */
  prefix: string;
  /** Without the storage prefix, as EgressInfo shows them; live is '' when not asked for. */
  playlistName: string;
  livePlaylistName: string;
  /** The app's form `media/{playbackId}/`: the playback id is the feed id; null for a plain LiveKit request. */
  playbackId: string | null;
};

const FEED_PREFIX = /^media\/([A-Za-z0-9_-]{1,64})\/$/;
const PLAYLIST_ENDING = /\.m3u8?$/i;
const KNOWN_ENDING = /\.(mp4|m4a|ogg|mp3|webm|ts|m3u8?|jpe?g|png)$/i;

function splitKey(key: string): { folder: string; name: string } {
  const cut = key.lastIndexOf('/') + 1;
  return { folder: key.slice(0, cut), name: key.slice(cut) };
}

/** `cleanKey` that keeps a trailing slash, which means "a folder, name it yourself". */
function cleanPath(path: string, facts: NameFacts): string {
  const filled = fillName(path, facts);
  const clean = cleanKey(filled);
  return clean && filled.endsWith('/') ? `${clean}/` : clean;
}

const ownName = (facts: NameFacts) => cleanKey(`${facts.identifier}-${fillName('{time}', facts)}`);

/**
 * Names of a segments output by LiveKit's rules: a missing prefix is the playlist's name and the reverse, the live playlist lies beside
 * the playlist, and segments lie beside it too or in a folder below.
 * @throws RangeError with a sentence that names the field
 */
export function nameSegments(
  wish: { filenamePrefix: string; playlistName: string; livePlaylistName: string },
  facts: NameFacts,
): SegmentNames {
  const feed = FEED_PREFIX.exec(fillName(wish.filenamePrefix, facts));
  if (feed?.[1])
    return { prefix: feed[0], playlistName: `${feed[0]}index.m3u8`, livePlaylistName: '', playbackId: feed[1] };
  const playlist = splitKey(cleanPath(wish.playlistName, facts));
  const live = splitKey(cleanPath(wish.livePlaylistName, facts));
  const segment = splitKey(cleanPath(wish.filenamePrefix, facts));
  const folder = playlist.folder || segment.folder;
  if (live.folder && live.folder !== folder) {
    throw new RangeError('live_playlist_name must lie in the folder of playlist_name');
  }
  const bare = (name: string) => name.replace(PLAYLIST_ENDING, '');
  const name = bare(playlist.name) || bare(segment.name) || ownName(facts);
  const below = segment.folder.startsWith(folder) ? segment.folder.slice(folder.length) : segment.folder;
  const playlistName = `${folder}${name}.m3u8`;
  const livePlaylistName = live.name ? `${folder}${bare(live.name)}.m3u8` : '';
  if (livePlaylistName === playlistName) throw new RangeError('live_playlist_name and playlist_name are the same');
  return { prefix: `${folder}${below}${bare(segment.name) || name}`, playlistName, livePlaylistName, playbackId: null };
}

/**
 * Object key of a file: an empty path or a folder gets `{identifier}-{time}`, a wrong known ending is replaced, others are kept.
 * @param ending with its dot
 */
export function nameFile(filepath: string, ending: string, facts: NameFacts): string {
  const path = cleanPath(filepath, facts);
  if (path === '' || path.endsWith('/')) return `${path}${ownName(facts)}${ending}`;
  return path.toLowerCase().endsWith(ending) ? path : `${path.replace(KNOWN_ENDING, '')}${ending}`;
}

/** Key prefix of an images output; number or time and the ending follow. */
export function nameImages(filenamePrefix: string, facts: NameFacts): string {
  const path = cleanPath(filenamePrefix, facts);
  if (path === '' || path.endsWith('/')) return `${path}${ownName(facts)}`;
  return path.replace(KNOWN_ENDING, '');
}
