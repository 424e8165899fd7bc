import type { Destination } from './destination.ts';
import { PLATFORMS } from './platforms.ts';

const KEY_PAGE: Partial<Record<Destination['kind'], string>> = {
  youtube: 'Copy it again from YouTube Studio → Go live → Stream.',
  twitch: 'Copy it again from Twitch → Creator Dashboard → Settings → Stream.',
  facebook: 'Copy it again from Facebook Live Producer; keys for one broadcast expire.',
};

/**
 * What an error of a push means for the owner, with the next step. The engine's sentence is written for people already; only a
 * refused key is said better here, where the platform is known.
 */
export function explainRefusal(
  error: { code: string; sentence: string },
  destination: Pick<Destination, 'kind' | 'name'>,
): string {
  const page = KEY_PAGE[destination.kind];
  const who = page ? PLATFORMS[destination.kind].name : destination.name;
  if (error.code === 'name-in-use' && page) return `${error.sentence} ${page}`;
  if (error.code === 'rejected' || (error.code === 'hangs-up' && page)) {
    return `${who} refused the stream. ${page ?? 'Check the stream key and save it again, or whether the service expects you now.'}`;
  }
  return error.sentence || `The push to ${who} does not work at the moment. It is tried again by itself.`;
}
