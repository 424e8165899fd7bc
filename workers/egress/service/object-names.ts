/** What a name in a request may hold in braces. */
export type NameFacts = { roomName: string; roomId: string; identity: string | null; nowMs: number };

const pad = (value: number, length = 2) => String(value).padStart(length, '0');

/** `{room_id} {room_name} {time} {utc}` and, for participants, `{publisher_identity}`. Times are UTC. */
export function fillName(template: string, facts: NameFacts): string {
  const at = new Date(facts.nowMs);
  const day = `${at.getUTCFullYear()}-${pad(at.getUTCMonth() + 1)}-${pad(at.getUTCDate())}`;
  const clock = `${pad(at.getUTCHours())}${pad(at.getUTCMinutes())}${pad(at.getUTCSeconds())}`;
  const values: Record<string, string | null> = {
    room_name: facts.roomName,
    room_id: facts.roomId,
    publisher_identity: facts.identity,
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
  /** Key prefix with trailing slash. */
  prefix: string;
  playlistName: string;
  livePlaylistName: string;
  /** From `media/{playbackId}/`, the app's own prefix. */
  playbackId: string | null;
};

const FEED_PREFIX = /^media\/([A-Za-z0-9_-]{1,64})\/$/;
const PLAYLIST_ENDING = /\.m3u8?$/i;

/**
 * Names of a segments output. A missing prefix is the playlist's name and the reverse; renditions lie in sub-folders of the prefix.
 * `media/{playbackId}/` is the app's form: the playback id is the feed id.
 */
export function nameSegments(
  wish: { filenamePrefix: string; playlistName: string; livePlaylistName: string },
  facts: NameFacts,
  storagePrefix: string,
): SegmentNames {
  const filled = fillName(wish.filenamePrefix, facts);
  const feed = FEED_PREFIX.exec(filled);
  const playlist = cleanKey(fillName(wish.playlistName, facts));
  const live = cleanKey(fillName(wish.livePlaylistName, facts));
  if (feed?.[1]) {
    return {
      prefix: `${storagePrefix}${filled}`,
      playlistName: playlist || 'index.m3u8',
      livePlaylistName: live,
      playbackId: feed[1],
    };
  }
  const bare =
    cleanKey(filled) ||
    playlist.replace(PLAYLIST_ENDING, '') ||
    cleanKey(`${facts.roomName}-${fillName('{time}', facts)}`);
  const lastPart = bare.split('/').at(-1) ?? bare;
  return {
    prefix: `${storagePrefix}${bare}/`,
    playlistName: playlist || `${lastPart}.m3u8`,
    livePlaylistName: live,
    playbackId: null,
  };
}
