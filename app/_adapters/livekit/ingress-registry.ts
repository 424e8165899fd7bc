import { IngressClient, IngressInput, RoomServiceClient } from 'livekit-server-sdk';
import { ENCODER_IDENTITY, type IngressRegistry } from '#core/ingest/ingress-registry';
import { isGone, type LiveKitSettings, livekitError } from './livekit-error.ts';
import { ingressSeen, pictureSeen } from './map-status.ts';

const REQUEST_TIMEOUT_S = 10;
const ENCODERS = [ENCODER_IDENTITY, 'enc_backup'] as const;

/** Each channel's ingress at LiveKit: it carries state and webhooks; its own key is never given out. */
export function livekitIngressRegistry({ url, apiKey, apiSecret }: LiveKitSettings): IngressRegistry {
  const options = { requestTimeout: REQUEST_TIMEOUT_S, failover: false };
  const client = new IngressClient(url, apiKey, apiSecret, options);
  const rooms = new RoomServiceClient(url, apiKey, apiSecret, options);
  return {
    async ensure(channelId, name) {
      try {
        const found = await client.listIngress({ roomName: channelId });
        const mine = found.find((one) => one.participantIdentity === ENCODER_IDENTITY);
        if (mine) return mine.ingressId;
        const made = await client.createIngress(IngressInput.RTMP_INPUT, {
          name: `channel ${channelId}`,
          roomName: channelId,
          participantIdentity: ENCODER_IDENTITY,
          participantName: name,
        });
        return made.ingressId;
      } catch (error) {
        throw livekitError(error, 'ensure ingress');
      }
    },
    async end(channelId) {
      const failures: unknown[] = [];
      const tried = async (call: Promise<unknown>) => {
        await call.catch((error: unknown) => {
          if (!isGone(error)) failures.push(error);
        });
      };
      const found = await client.listIngress({ roomName: channelId }).catch((error: unknown) => {
        throw livekitError(error, 'list ingress');
      });
      // Deleting tells the ingest worker to let the encoder go; removing the participant ends what it left in the room.
      for (const one of found) await tried(client.deleteIngress(one.ingressId));
      for (const identity of ENCODERS) await tried(rooms.removeParticipant(channelId, identity));
      if (failures.length > 0) throw livekitError(failures[0], 'end ingress');
    },
    async findPicture(channelId) {
      try {
        const found = await client.listIngress({ roomName: channelId });
        const mine = found.find((one) => one.participantIdentity === ENCODER_IDENTITY);
        return mine ? pictureSeen(mine) : null;
      } catch (error) {
        throw livekitError(error, 'list ingress');
      }
    },
    async findAll() {
      try {
        return (await client.listIngress()).map(ingressSeen);
      } catch (error) {
        throw livekitError(error, 'list ingress');
      }
    },
  };
}
