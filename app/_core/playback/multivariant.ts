import type { FeedRendition } from './live-feed.ts';

const AUDIO_GROUP = 'sound';

function streamInf(rendition: FeedRendition, audio: FeedRendition | undefined): string {
  const codecs = [rendition.codecs, ...(audio ? [audio.codecs] : [])].join(',');
  const attributes = [`BANDWIDTH=${rendition.bandwidth + (audio?.bandwidth ?? 0)}`, `CODECS="${codecs}"`];
  if (rendition.width && rendition.height) attributes.push(`RESOLUTION=${rendition.width}x${rendition.height}`);
  if (rendition.fps) attributes.push(`FRAME-RATE=${rendition.fps.toFixed(3)}`);
  if (audio) attributes.push(`AUDIO="${AUDIO_GROUP}"`);
  return `#EXT-X-STREAM-INF:${attributes.join(',')}`;
}

/**
 * The multivariant playlist (RFC 8216bis 4.4.6): one variant stream a picture rendition, sound as a group of its own. A show
 * without picture is a variant stream of sound alone. A rung that the engine has dropped for a while is not offered.
 * @returns text whose URIs are relative to `…/index.m3u8`; null when there is no rendition to name
 */
export function renderMultivariantPlaylist(renditions: readonly FeedRendition[]): string | null {
  const pictures = renditions.filter((rendition) => rendition.kind === 'video' && rendition.on !== false);
  const sounds = renditions.filter((rendition) => rendition.kind === 'audio');
  const loudest = sounds.reduce<FeedRendition | undefined>(
    (most, sound) => (most && most.bandwidth >= sound.bandwidth ? most : sound),
    undefined,
  );
  const variants = pictures.length > 0 ? pictures : sounds;
  if (variants.length === 0) return null;
  const lines = ['#EXTM3U', '#EXT-X-VERSION:7', '#EXT-X-INDEPENDENT-SEGMENTS'];
  if (pictures.length > 0) {
    sounds.forEach((sound, i) => {
      const chosen = i === 0 ? 'DEFAULT=YES,AUTOSELECT=YES' : 'DEFAULT=NO,AUTOSELECT=YES';
      lines.push(
        `#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="${AUDIO_GROUP}",NAME="${sound.id}",${chosen},CHANNELS="2",URI="${sound.id}/media.m3u8"`,
      );
    });
  }
  for (const variant of variants) {
    lines.push(streamInf(variant, pictures.length > 0 ? loudest : undefined), `${variant.id}/media.m3u8`);
  }
  return `${lines.join('\n')}\n`;
}
