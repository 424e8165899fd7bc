import { AccessToken } from 'livekit-server-sdk';

const TOKEN_S = 24 * 3600;

export type TemplateFacts = {
  base: string;
  layout: string;
  egressId: string;
  roomName: string;
  livekit: { url: string; apiKey: string; apiSecret: string };
};

/**
 * Address of a template page as LiveKit's egress opens it: `layout`, `url` (LiveKit's) and `token` beside what its query holds. The
 * token is the recorder's own: hidden, receiving only, and named like the egress, so that UpdateLayout reaches the page.
 * @returns an address that holds a secret: never logged
 */
export async function templateUrl({ base, layout, egressId, roomName, livekit }: TemplateFacts): Promise<string> {
  const token = new AccessToken(livekit.apiKey, livekit.apiSecret, { identity: egressId, ttl: TOKEN_S });
  token.kind = 'egress';
  token.addGrant({
    room: roomName,
    roomJoin: true,
    hidden: true,
    recorder: true,
    canSubscribe: true,
    canPublish: false,
    canPublishData: false,
  });
  const url = new URL(base);
  url.searchParams.set('layout', layout);
  url.searchParams.set('url', livekit.url);
  url.searchParams.set('token', await token.toJwt());
  return url.href;
}
