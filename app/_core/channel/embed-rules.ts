import { z } from 'zod';
import type { Actor } from '#core/account/actor';
import type { ChannelStore } from './channel-store.ts';
import type { EmbedHosts } from './embed-hosts.ts';
import { requireOwnChannel } from './require-channel.ts';

/** `example.org`, `*.example.org` (not `example.org` itself), `localhost:3000`: host-sources of a Content-Security-Policy (CSP3 2.3.1). */
const HOST = /^(\*\.)?(?=[a-z0-9.-]{1,253}(:|$))[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?$/;

/** An error names what was written, since a list has many. */
const Host = z
  .string()
  .trim()
  .toLowerCase()
  .refine((text) => HOST.test(text), {
    error: ({ input }) => `“${String(input).slice(0, 80)}” is no host like example.org or *.example.org`,
  });

export const EmbedRules = z.strictObject({
  /** Whose pages may show the player in a frame; null = everyone's, an empty list = nobody's but this site's. */
  hosts: z.array(Host).max(50, 'must be at most 50 hosts').nullable(),
});
export type EmbedRules = z.infer<typeof EmbedRules>;

type Rooms = { stores: { channels: ChannelStore; embedHosts: EmbedHosts } };

/** For those who run the channel. @throws AppError 'unauthenticated', 'not-found' */
export async function showEmbedRules(
  rooms: Rooms,
  { actor, handle }: { actor: Actor; handle: string },
): Promise<EmbedRules> {
  const channel = await requireOwnChannel(rooms, actor, handle);
  return { hosts: await rooms.stores.embedHosts.get(channel.id) };
}

/** Holds from the next opening of a frame on. @throws AppError 'unauthenticated', 'not-found' */
export async function setEmbedRules(
  rooms: Rooms,
  { actor, handle, input }: { actor: Actor; handle: string; input: EmbedRules },
): Promise<EmbedRules> {
  const channel = await requireOwnChannel(rooms, actor, handle);
  const hosts = input.hosts && [...new Set(input.hosts)];
  await rooms.stores.embedHosts.set(channel.id, hosts);
  return { hosts };
}

/**
 * Who may frame the player, as a directive of the page's policy.
 * @param hosts as `EmbedRules` has them
 */
export const frameAncestors = (hosts: readonly string[] | null): string =>
  hosts === null ? 'frame-ancestors *' : `frame-ancestors ${["'self'", ...hosts].join(' ')}`;

export const FrameAncestorsOf = z.strictObject({ handle: z.string().max(64) });

/** The same for a channel by its handle; one that is gone may be framed everywhere: its page tells that it is gone. */
export async function frameAncestorsOf(
  { stores }: Rooms,
  { handle }: z.infer<typeof FrameAncestorsOf>,
): Promise<{ ancestors: string }> {
  const channel = await stores.channels.getByHandle(handle.toLowerCase());
  return { ancestors: frameAncestors(channel && (await stores.embedHosts.get(channel.id))) };
}
