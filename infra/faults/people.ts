import { api } from '../bench/lib/install.ts';
import { enterRoom, type RoomPerson } from '../bench/lib/room-person.ts';
import type { Show } from './show.ts';

/** Joins a show's stage as a host and publishes. */
export async function join(show: Show, name: string): Promise<RoomPerson> {
  type Grant = { livekitUrl: string; token: string };
  const grant = await api<Grant>(show.install, 'POST', `/broadcasts/${show.broadcast.id}/host-token`, {
    identity: `host_${name}`,
    name,
  });
  return enterRoom(grant.livekitUrl, grant.token);
}
