/** What a frame on somebody else's page shows. */
export const EMBED_FORMS = ['player', 'chat', 'both'] as const;
export type EmbedForm = (typeof EMBED_FORMS)[number];

/** @param text of the address's `show`; anything unknown is the player, which is what frames were before there was a choice */
export const readEmbedForm = (text: string | null | undefined): EmbedForm =>
  EMBED_FORMS.find((form) => form === text) ?? 'player';
