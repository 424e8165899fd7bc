import { embedFrame } from '../watch/oembed.ts';

export type EmbedChoice = {
  /** `always`: whatever the channel airs; `this-show`: one broadcast for good. */
  what: 'always' | 'this-show';
  autoplay: boolean;
  size: 'fluid' | '1280' | '854' | '640';
};
export const FIRST_CHOICE: EmbedChoice = { what: 'always', autoplay: true, size: 'fluid' };

/** Address of the frame. @param pages origin of the pages, no trailing slash */
export function embedAddressOf(pages: string, handle: string, broadcastId: string | null, choice: EmbedChoice): string {
  const address = new URL(`/embed/${handle}`, pages);
  if (choice.what === 'this-show' && broadcastId) address.searchParams.set('b', broadcastId);
  if (!choice.autoplay) address.searchParams.set('autoplay', '0');
  return address.href;
}

/** The code to be pasted. */
export function embedCode(address: string, title: string, size: EmbedChoice['size']): string {
  const width = size === 'fluid' ? 1280 : Number(size);
  const frame = embedFrame(address, title, { width, height: Math.round((width * 9) / 16) });
  return size === 'fluid' ? frame.replace(/ width="\d+" height="\d+" style="/, ' style="width:100%;') : frame;
}
