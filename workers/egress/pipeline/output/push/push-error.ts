/** Why a push stopped: a code for programs, a sentence for its owner. Never contains the stream key. */
export type PushError = { code: string; sentence: string };

/**
 * Words for what went wrong.
 * @param cause a socket error, or one of our own codes
 * @param host as the owner wrote it; the only part of the URL that is repeated
 */
export function explainPushError(cause: { code?: unknown; message?: unknown }, host: string): PushError {
  const code = typeof cause.code === 'string' ? cause.code : 'unknown';
  const sentence = SENTENCES[code];
  if (sentence) return { code, sentence: sentence(host) };
  if (/^(ERR_TLS|CERT|DEPTH|SELF_SIGNED|UNABLE_TO|ERR_SSL)|CERT/.test(code)) {
    return { code: 'tls', sentence: `The secure connection to ${host} failed: its certificate is not accepted.` };
  }
  return { code: 'connection', sentence: `The connection to ${host} broke.` };
}

const unknownHost = (host: string) => `There is no server named ${host}. Check the address.`;
const reset = (host: string) => `${host} broke the connection.`;

const SENTENCES: Record<string, (host: string) => string> = {
  ECONNREFUSED: (host) => `Nothing answers at ${host}. Check address and port, or whether the service is up.`,
  ENOTFOUND: unknownHost,
  EAI_AGAIN: unknownHost,
  ENODATA: unknownHost,
  EHOSTUNREACH: (host) => `${host} cannot be reached from here.`,
  ENETUNREACH: (host) => `${host} cannot be reached from here.`,
  ETIMEDOUT: (host) => `${host} did not answer within 5 seconds.`,
  ECONNRESET: reset,
  EPIPE: reset,
  ECONNABORTED: reset,
  EFORBIDDEN: (host) => `${host} is a private address. Destinations must be on the public internet.`,
  closed: (host) => `${host} closed the connection.`,
  handshake: (host) => `${host} did not finish its RTMP greeting within 5 seconds.`,
  protocol: (host) => `${host} does not speak RTMP as expected.`,
  rejected: (host) => `${host} refused the stream. Check the stream key, or whether the service expects you now.`,
  hung: (host) => `${host} is connected but has taken no data for 5 seconds.`,
  'too-slow': (host) => `${host} takes the stream too slowly: half of it had to be dropped.`,
  'bad-url': () => 'The address is no RTMP address. It looks like rtmp://host/app/key.',
};
