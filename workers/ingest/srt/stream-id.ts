/**
 * Reads a stream key out of an SRT stream id. Three forms are in use: the key alone, `publish/KEY` or `live/KEY`, and the access control
 * syntax `#!::r=KEY,m=publish` (SRT's AccessControl.md). `?backup=1` behind the key or `backup=1` among the fields marks a standby.
 * @returns null when it asks to watch, or holds no key
 */
export function readStreamId(sent: string): { streamKey: string; isBackup: boolean } | null {
  const streamId = decoded(sent);
  if (streamId.startsWith('#!::')) return readFields(streamId.slice(4));
  const [path = '', query = ''] = streamId.split('?');
  const streamKey = path.split('/').at(-1) ?? '';
  const isBackup = new URLSearchParams(query).get('backup') === '1' || /^backup\//.test(path);
  return streamKey === '' ? null : { streamKey, isBackup };
}

/** Some encoders send what stands in their address as it is written there, percent signs and all (ffmpeg 5.1). Keys hold none. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function readFields(text: string): { streamKey: string; isBackup: boolean } | null {
  const fields = new Map(
    text.split(',').map((field) => {
      const at = field.indexOf('=');
      return [field.slice(0, at), field.slice(at + 1)] as const;
    }),
  );
  const mode = fields.get('m') ?? 'publish';
  const streamKey = (fields.get('r') ?? '').split('/').at(-1) ?? '';
  if (mode !== 'publish' || streamKey === '') return null;
  return { streamKey, isBackup: fields.get('backup') === '1' };
}
