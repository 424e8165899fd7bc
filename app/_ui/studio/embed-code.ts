import type { EmbedForm } from '../watch/embed-form.ts';
import { embedFrame } from '../watch/oembed.ts';

export type EmbedChoice = {
  form: EmbedForm;
  /** `always`: whatever the channel airs; `this-show`: one broadcast for good. */
  what: 'always' | 'this-show';
  autoplay: boolean;
  size: 'fluid' | 'large' | 'medium' | 'small';
};
export const FIRST_CHOICE: EmbedChoice = { form: 'player', what: 'always', autoplay: true, size: 'fluid' };

type Size = { width: number; height: number };
/** Pixels of each form: a picture is 16:9; beside it a chat is 320 wide, alone it is as high as a phone. */
export const EMBED_SIZES: Record<EmbedForm, Record<'large' | 'medium' | 'small', Size>> = {
  player: {
    large: { width: 1280, height: 720 },
    medium: { width: 854, height: 480 },
    small: { width: 640, height: 360 },
  },
  both: {
    large: { width: 1280, height: 540 },
    medium: { width: 1000, height: 480 },
    small: { width: 360, height: 640 },
  },
  chat: {
    large: { width: 480, height: 720 },
    medium: { width: 400, height: 600 },
    small: { width: 320, height: 480 },
  },
};

/** How a frame fills its place: the chat needs a height of its own, beside or under the picture. */
const FLUID: Record<EmbedForm, string> = {
  player: 'width:100%;border:0;aspect-ratio:16/9;max-width:100%',
  both: 'width:100%;border:0;height:max(480px,min(42vw,80vh))',
  chat: 'width:100%;border:0;height:max(400px,60vh)',
};

/** Address of the frame. @param pages origin of the pages, no trailing slash */
export function embedAddressOf(pages: string, handle: string, broadcastId: string | null, choice: EmbedChoice): string {
  const address = new URL(`/embed/${handle}`, pages);
  if (choice.form !== 'player') address.searchParams.set('show', choice.form);
  if (choice.what === 'this-show' && broadcastId) address.searchParams.set('b', broadcastId);
  if (!choice.autoplay && choice.form !== 'chat') address.searchParams.set('autoplay', '0');
  return address.href;
}

/** The code to be pasted. */
export function embedCode(address: string, title: string, { form, size }: Pick<EmbedChoice, 'form' | 'size'>): string {
  const fixed = EMBED_SIZES[form][size === 'fluid' ? 'large' : size];
  const frame = embedFrame(address, title, fixed);
  const style = size === 'fluid' ? FLUID[form] : form === 'player' ? null : 'border:0;max-width:100%';
  const styled = style === null ? frame : frame.replace(/ style="[^"]*"/, ` style="${style}"`);
  return size === 'fluid' ? styled.replace(/ width="\d+" height="\d+"/, '') : styled;
}
