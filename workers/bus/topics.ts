/**
 * Redis channel names of psrpc. Parts are joined by `|`; an empty part is dropped together with its bar; a character outside
 * `[0-9A-Za-z_]` is written `u+xxxx` (or `U+xxxxxxxx` above the basic plane), so that no name can break out of its part.
 * Source: psrpc pkg/info/channels.go.
 */
function escapePart(part: string): string {
  let out = '';
  for (const char of part) {
    const code = char.codePointAt(0) ?? 0;
    if (/^[0-9A-Za-z_]$/.test(char)) out += char;
    else if (code < 0x10000) out += `u+${code.toString(16).padStart(4, '0')}`;
    else out += `U+${code.toString(16).padStart(8, '0')}`;
  }
  return out;
}

function join(...parts: string[]): string {
  return parts
    .filter((part) => part !== '')
    .map(escapePart)
    .join('|');
}

/** What a method is called by on the bus. An empty topic means that every server of the service hears it. */
export type Method = { service: string; method: string; topic: string };

/** Requests to the servers of a method. */
export const requestChannel = ({ service, method, topic }: Method) => join(service, method, topic, 'REQ');

/** The client's choice among the servers that claimed. */
export const claimResponseChannel = ({ service, method, topic }: Method) => join(service, method, topic, 'RCLAIM');

/** Servers' claims to one client. */
export const claimRequestChannel = (service: string, clientId: string) => join(service, clientId, 'CLAIM');

/** Answers to one client. */
export const responseChannel = (service: string, clientId: string) => join(service, clientId, 'RES');
