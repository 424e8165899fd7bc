import { type Destination, PLATFORMS } from './destination.ts';

const KEY_PAGE: Partial<Record<Destination['kind'], string>> = {
  youtube: 'Copy it again from YouTube Studio → Go live → Stream.',
  twitch: 'Copy it again from Twitch → Creator Dashboard → Settings → Stream.',
  facebook: 'Copy it again from Facebook Live Producer; keys for one broadcast expire.',
};

/** What an error means for the owner, in words, with the next step. Unknown codes keep the engine's own sentence. */
export function explainRefusal(
  error: { code: string; sentence: string },
  destination: Pick<Destination, 'kind' | 'name'>,
): string {
  const who = destination.kind === 'custom' ? destination.name : PLATFORMS[destination.kind].name;
  const code = error.code.toLowerCase();
  if (/key|publish|auth|unauthor|denied|reject/.test(code)) {
    return `${who} refused the stream key. ${KEY_PAGE[destination.kind] ?? 'Check the key and save it again.'}`;
  }
  if (/dns|resolve|notfound|unknown-host|host-unknown/.test(code)) {
    return `The address of ${who} was not found. Check the server address for a typing error.`;
  }
  if (/econnrefused|conn.*refused|refused/.test(code)) {
    return `${who} does not answer at this address. It is tried again by itself.`;
  }
  if (/tls|cert|ssl/.test(code)) return `The secure connection to ${who} failed: its certificate is not valid.`;
  if (/slow|backlog|dropp/.test(code)) return `The connection to ${who} is too slow; parts of the picture are dropped.`;
  if (/timeout|timed|hang|stall|hung/.test(code)) return `${who} stopped answering. It is tried again by itself.`;
  if (/forbidden-address|target|private/.test(code))
    return `The address of ${who} is not public, so nothing is sent there.`;
  if (/reset|closed|eof|lost|epipe/.test(code)) return `${who} closed the connection. It is tried again by itself.`;
  return error.sentence || `The push to ${who} does not work at the moment.`;
}
