import { AppError } from '#core/shared/app-error';
import { joinSrtUrl, parseSrtUrl, requirePassphrase, splitSrtUrl, writeSrtSecrets } from '#core/shared/srt-url';
import { isSrtUrl } from './push-url.ts';

/** What its owner typed; a secret that was not given is kept from `before`, an empty one is forgotten. */
type Given = { url: string; streamKey?: string | undefined; passphrase?: string | undefined };

/**
 * Address and key as they are stored: the address may be shown, so of an SRT address stream id and passphrase move into the key, which is
 * sealed, wherever they were typed.
 * @param before the full address so far, null for a new destination
 * @returns `streamKey` undefined = keep the stored one
 * @throws AppError 'destination-refused' with the field
 */
export function sealableKey(given: Given, before: string | null): { url: string; streamKey: string | undefined } {
  if (!isSrtUrl(given.url)) {
    if (given.passphrase) throw refuse('passphrase', 'Only SRT addresses have a passphrase.');
    const wasSrt = before !== null && isSrtUrl(before);
    return { url: given.url, streamKey: given.streamKey ?? (wasSrt ? '' : undefined) };
  }
  const { url, secrets } = splitSrtUrl(given.url);
  const inUrl = parseSrtUrl(joinSrtUrl('srt://h:1', secrets));
  const old = before !== null && isSrtUrl(before) ? parseSrtUrl(before) : { streamId: '', passphrase: '' };
  const streamId = inUrl.streamId || (given.streamKey ?? old.streamId);
  const passphrase = inUrl.passphrase || (given.passphrase ?? old.passphrase);
  try {
    requirePassphrase(passphrase);
  } catch (error) {
    throw refuse('passphrase', error instanceof Error ? error.message : 'This passphrase cannot be used.');
  }
  return { url, streamKey: writeSrtSecrets({ streamId, passphrase }) };
}

function refuse(field: string, message: string): AppError {
  return new AppError('destination-refused', { blame: 'owner', retry: 'after-edit', field, message });
}
