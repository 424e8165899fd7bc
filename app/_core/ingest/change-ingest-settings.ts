import type { Actor } from '#core/account/actor';
import { requireOwnChannel } from '#core/channel/require-channel';
import type { IngestSettingsChange } from './ingest-settings.ts';
import { type IngestAddresses, type IngestRooms, showIngest } from './show-ingest.ts';

/**
 * Holds for the next encoder that connects; a running one is not disturbed.
 * @throws AppError 'unauthenticated', 'not-found'
 */
export async function changeIngestSettings(
  rooms: IngestRooms,
  { actor, handle, input }: { actor: Actor; handle: string; input: IngestSettingsChange },
): Promise<IngestAddresses> {
  const channel = await requireOwnChannel(rooms, actor, handle);
  await rooms.stores.ingestSettings.change(channel.id, input);
  return showIngest(rooms, { actor, handle });
}
