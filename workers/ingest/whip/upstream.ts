import type { IncomingHttpHeaders } from 'node:http';
import { WhipRefusal } from './read-request.ts';

const TIMEOUT_MS = 10_000;
/** Passed on to livekit-server with a PATCH (RFC 9725, 4.3: trickle and ICE restart). */
const REQUEST_HEADERS = ['content-type', 'if-match'];
/** Passed back; `location` is replaced by ours. */
const ANSWER_HEADERS = ['content-type', 'etag', 'link', 'accept-patch'];

export type UpstreamAnswer = { status: number; headers: Record<string, string>; body: Buffer; location: string | null };

/**
 * One request to livekit-server's WHIP endpoint.
 * @throws WhipRefusal 502 when it does not answer
 */
export async function askUpstream(request: {
  method: 'POST' | 'PATCH' | 'DELETE';
  url: string;
  joinToken: string;
  headers: IncomingHttpHeaders;
  body?: Buffer;
}): Promise<UpstreamAnswer> {
  const headers: Record<string, string> = { authorization: `Bearer ${request.joinToken}` };
  for (const name of REQUEST_HEADERS) {
    const value = request.headers[name];
    if (typeof value === 'string') headers[name] = value;
  }
  try {
    const answer = await fetch(request.url, {
      method: request.method,
      headers,
      body: request.body && request.body.length > 0 ? new Uint8Array(request.body) : undefined,
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const passed = ANSWER_HEADERS.flatMap((name) => {
      const value = answer.headers.get(name);
      return value === null ? [] : [[name, value]];
    });
    const location = answer.headers.get('location');
    return {
      status: answer.status,
      headers: Object.fromEntries(passed),
      body: Buffer.from(await answer.arrayBuffer()),
      location: location === null ? null : new URL(location, request.url).href,
    };
  } catch (error) {
    throw Object.assign(new WhipRefusal(502, 'LiveKit does not answer. Try again in a few seconds.'), { cause: error });
  }
}

/** livekit-server's refusal in our words: its body may name rooms and tokens. */
export function refusalOf(status: number): WhipRefusal {
  if (status === 404) return new WhipRefusal(404, 'This session or its room does not exist any more.');
  if (status === 412 || status === 428) return new WhipRefusal(status, 'The ICE session has changed.');
  if (status === 415) return new WhipRefusal(415, 'Send application/sdp.');
  if (status === 406 || status === 400 || status === 422) {
    return new WhipRefusal(status, 'LiveKit does not take this SDP. An offer needs H.264 or VP8 video and Opus sound.');
  }
  if (status === 405 || status === 501) return new WhipRefusal(status, 'LiveKit does not support this.');
  return new WhipRefusal(502, `LiveKit refused with status ${status}. Try again in a few seconds.`);
}
