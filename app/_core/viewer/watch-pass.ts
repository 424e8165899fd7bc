import { equalTexts, type SignGrant } from '#core/playback/playback-grant';

/**
 * What a browser keeps once it was let in to a broadcast that not everyone may watch: for it, playback grants are given anew without asking
 * for the password or the ticket again. Text: `{broadcast}.{epoch, base 36}.{viewer}.{expiry s, base 36}.{signature}`.
 */
export type WatchPass = {
  broadcastId: string;
  /** As the broadcast's `grantEpoch` was: a changed password ends all passes of before. */
  epoch: number;
  /** Name in playback grants: a ticket's id, or one made for this browser. */
  viewer: string;
  expiresAtS: number;
};

/** As long as a recording is usually watched again; the password's change and the ticket's return end it earlier. */
export const PASS_LIFE_S = 30 * 86_400;

const PASS = /^(br_[A-Za-z0-9_-]{1,64})\.([0-9a-z]{1,7})\.([A-Za-z0-9_-]{1,64})\.([0-9a-z]{1,9})\.([A-Za-z0-9_-]{43})$/;

const signedText = ({ broadcastId, epoch, viewer, expiresAtS }: WatchPass): string =>
  ['watch-pass', 'v1', broadcastId, epoch, viewer, expiresAtS].join('\n');

export function signPass(sign: SignGrant, pass: WatchPass): string {
  const [epoch, expiry] = [pass.epoch, pass.expiresAtS].map((number) => number.toString(36));
  return [pass.broadcastId, epoch, pass.viewer, expiry, sign(signedText(pass))].join('.');
}

/** @returns null for what is no pass of ours; whether it still holds is another question */
export function readPass(sign: SignGrant, text: string): WatchPass | null {
  const [, broadcastId = '', epoch = '', viewer = '', expiry = '', signature = ''] = PASS.exec(text) ?? [];
  const pass = { broadcastId, epoch: Number.parseInt(epoch, 36), viewer, expiresAtS: Number.parseInt(expiry, 36) };
  return signature !== '' && equalTexts(sign(signedText(pass)), signature) ? pass : null;
}
