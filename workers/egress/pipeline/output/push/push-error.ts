/** Why a push stopped: a code for programs, a sentence for its owner. Never contains the stream key. */
export type PushError = { code: string; sentence: string };

type Cause = {
  /** @param host as the owner wrote it; the only part of the URL that is repeated */
  sentence: (host: string) => string;
  /** The platform said no: three of these and the push has failed until it is edited. Absent = it may pass by itself. */
  refusal?: true;
};

const unknownHost: Cause = { sentence: (host) => `There is no server named ${host}. Check the address.` };
const unreachable: Cause = { sentence: (host) => `${host} cannot be reached from here.` };
const reset: Cause = { sentence: (host) => `${host} broke the connection.` };
const untrusted: Cause = {
  sentence: (host) =>
    `The certificate of ${host} is not signed by an authority that this server trusts, so nothing was sent.`,
};
const noTls: Cause = {
  sentence: (host) => `${host} does not speak TLS on this port. Check the port, or use rtmp:// instead of rtmps://.`,
};

/** Every cause by its code: ours, Node's (DNS, sockets) and OpenSSL's. */
export const CAUSES: Record<string, Cause> = {
  'bad-url': { sentence: () => 'The address is no RTMP or SRT address. It looks like rtmp://host/app/key.' },
  // Finding and reaching the server.
  ENOTFOUND: unknownHost,
  ENODATA: unknownHost,
  EAI_AGAIN: { sentence: (host) => `The name ${host} could not be looked up just now.` },
  ETIMEOUT: { sentence: (host) => `The name ${host} could not be looked up: no name server answers.` },
  EFORBIDDEN: { sentence: (host) => `${host} is a private address. Destinations must be on the public internet.` },
  ECONNREFUSED: {
    sentence: (host) => `Nothing answers at ${host}. Check address and port, or whether the service is up.`,
  },
  EHOSTUNREACH: unreachable,
  ENETUNREACH: unreachable,
  ETIMEDOUT: { sentence: (host) => `${host} did not answer within 5 seconds.` },
  // TLS.
  'tls-timeout': {
    sentence: (host) => `${host} did not finish the TLS greeting within 5 seconds. Is it an rtmps port?`,
  },
  CERT_HAS_EXPIRED: { sentence: (host) => `The certificate of ${host} has expired, so nothing was sent.` },
  CERT_NOT_YET_VALID: {
    sentence: (host) =>
      `The certificate of ${host} is not valid yet. Check the clock of this server and of the other one.`,
  },
  CERT_REVOKED: { sentence: (host) => `The certificate of ${host} was revoked, so nothing was sent.` },
  ERR_TLS_CERT_ALTNAME_INVALID: {
    sentence: (host) => `The certificate that ${host} shows belongs to another name, so nothing was sent.`,
  },
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  UNABLE_TO_GET_ISSUER_CERT: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  CERT_UNTRUSTED: untrusted,
  EPROTO: noTls,
  ERR_SSL_WRONG_VERSION_NUMBER: noTls,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: noTls,
  tls: { sentence: (host) => `The secure connection to ${host} failed.` },
  // RTMP.
  handshake: { sentence: (host) => `${host} did not finish its RTMP greeting within 5 seconds.` },
  'no-answer': { sentence: (host) => `${host} greets, but did not say within 5 seconds whether it takes the stream.` },
  protocol: { sentence: (host) => `${host} does not speak RTMP as expected. Check address and port.` },
  rejected: {
    sentence: (host) => `${host} refused the stream. Check the stream key, or whether the service expects you now.`,
    refusal: true,
  },
  'name-in-use': {
    sentence: (host) =>
      `${host} says that this stream is taken: another encoder sends with the same key, or the key is not valid.`,
    refusal: true,
  },
  'unknown-app': {
    sentence: (host) =>
      `${host} does not know the application in the address. Check the part behind the server's name.`,
    refusal: true,
  },
  'hangs-up-at-connect': {
    sentence: (host) =>
      `${host} hung up when asked for the application in the address. Check the part behind the server's name.`,
  },
  'needs-login': {
    sentence: (host) => `${host} wants a user name and password, which RTMP pushes from here cannot give.`,
    refusal: true,
  },
  'hangs-up': {
    sentence: (host) =>
      `${host} takes the stream and hangs up at once. The stream key may be wrong or no longer valid.`,
    refusal: true,
  },
  // SRT.
  'srt-silent': {
    sentence: (host) => `Nobody answers over SRT at ${host}. Check host and UDP port, and that the other side listens.`,
  },
  'srt-passphrase': {
    sentence: (host) => `${host} refused the connection: the SRT passphrase is not the one it expects.`,
    refusal: true,
  },
  'srt-encryption': {
    sentence: (host) =>
      `${host} and this destination disagree on encryption: one side has a passphrase, the other has none.`,
    refusal: true,
  },
  'srt-crashed': { sentence: () => 'The process that sends over SRT ended unexpectedly. It is started again.' },
  // While sending.
  closed: { sentence: (host) => `${host} closed the connection.` },
  ended: { sentence: (host) => `${host} ended the stream on its side.` },
  ECONNRESET: reset,
  EPIPE: reset,
  ECONNABORTED: reset,
  hung: { sentence: (host) => `${host} is connected but has taken no data for 12 seconds.` },
  'too-slow': { sentence: (host) => `${host} takes the stream too slowly, pictures had to be left out.` },
  connection: { sentence: (host) => `The connection to ${host} broke.` },
};

/** Words for what went wrong. @param cause a socket error, or one of our own codes */
export function explainPushError(cause: { code?: unknown }, host: string): PushError {
  const code = typeof cause.code === 'string' ? cause.code : 'connection';
  const known = CAUSES[code];
  if (known) return { code, sentence: known.sentence(host) };
  const other = /^ERR_(TLS|SSL)|CERT|CRL/.test(code) ? 'tls' : 'connection';
  return { code: other, sentence: CAUSES[other]?.sentence(host) ?? '' };
}

export function isRefusal(code: string): boolean {
  return CAUSES[code]?.refusal === true;
}

/** The same with its figures: what the destination takes and what the stream needs, kbit/s. */
export function explainTooSlow(host: string, takesKbps: number, needsKbps: number): PushError {
  const sentence =
    `${host} takes ${inWords(takesKbps)}, the stream needs ${inWords(needsKbps)}: ` +
    'pictures are left out there. The line to it or the service itself is too slow.';
  return { code: 'too-slow', sentence };
}

function inWords(kbps: number): string {
  return kbps < 1000 ? `${Math.round(kbps)} kbit/s` : `${(kbps / 1000).toFixed(1)} Mbit/s`;
}

/** What an RTMP server's status says, as one of our codes; its words are not repeated, they may hold the key. */
export function refusalOf(status: { code: string; description: string }): string {
  const text = `${status.code} ${status.description}`;
  if (/authmod=|authfailed|AccessManager\.Reject/i.test(text)) return 'needs-login';
  if (/InvalidApp|(unknown|invalid|no such) app|app(lication)? .{0,40}not found/i.test(text)) return 'unknown-app';
  if (/BadName|already (being )?(publish|exist|in use|connected)|in use|is busy|StreamBusy/i.test(text))
    return 'name-in-use';
  if (/Unpublish|Connect\.Closed|Connect\.AppShutdown|Publish\.Idle/i.test(status.code)) return 'ended';
  return 'rejected';
}
