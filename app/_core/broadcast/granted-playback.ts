import { type Grant, playPath, type SignGrant, signGrant } from '#core/playback/playback-grant';
import type { BroadcastRecord } from './broadcast-store.ts';
import type { PublicAddresses } from './public-view.ts';

/** Addresses of one viewer: the grant is in the path. @param grant without its epoch, which is the broadcast's */
export function grantedPlayback(
  { signGrant: sign, addresses }: { signGrant: SignGrant; addresses: PublicAddresses },
  { playbackId, grantEpoch }: Pick<BroadcastRecord, 'playbackId' | 'grantEpoch'>,
  grant: Omit<Grant, 'epoch'>,
): { hls: string; dash: string } {
  const text = signGrant(sign, playbackId, { ...grant, epoch: grantEpoch });
  const play = `${addresses.playback}${playPath(playbackId, text)}`;
  return { hls: `${play}/index.m3u8`, dash: `${play}/manifest.mpd` };
}
