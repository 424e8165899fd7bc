import type { Join } from '../../workers/ingest/publish/webrtc/room-out.ts';

const TIMEOUT_MS = 8_000;

/** Brings an offer to a WHIP endpoint (RFC 9725, 4.2), as an encoder does. @throws Error when it is refused or not answered */
export function whipJoin(url: string, streamKey: string): Join {
  const authorization = `Bearer ${streamKey}`;
  return async ({ offer }) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/sdp' },
      body: offer,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const answer = await response.text();
    if (response.status !== 201) throw new Error(`WHIP was answered with ${response.status}: ${answer.slice(0, 200)}`);
    const resource = new URL(response.headers.get('location') ?? '', url);
    return {
      answer,
      async leave() {
        await fetch(resource, { method: 'DELETE', headers: { authorization } }).catch(() => undefined);
      },
    };
  };
}
