import { type Destination, PLATFORMS } from './destination.ts';

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
  const who = destination.kind === 'custom' ? destination.name : PLATFORMS[destination.kind].name;
  if (error.code === 'rejected') {
    return `${who} refused the stream. ${KEY_PAGE[destination.kind] ?? 'Check the stream key and save it again, or whether the service expects you now.'}`;
  }
  return error.sentence || `The push to ${who} does not work at the moment. It is tried again by itself.`;
}
