import { type IngressInfo, IngressInput } from '@livekit/protocol';
import { readWishes, UnsupportedIngress } from './ingress-wishes.ts';
import type { IngestProtocol, IngestTarget } from './ports.ts';

/** Ingress kinds whose keys each protocol takes. LiveKit knows no SRT push: an RTMP ingress's key works there too. */
const INPUT_OF: Record<IngestProtocol, IngressInput> = {
  rtmp: IngressInput.RTMP_INPUT,
  srt: IngressInput.RTMP_INPUT,
  whip: IngressInput.WHIP_INPUT,
  url: IngressInput.URL_INPUT,
};

/** Why an ingress of LiveKit's cannot be published to, for the log; null when it can. */
export function refusalOf(info: IngressInfo, protocol: IngestProtocol): string | null {
  if (info.enabled === false) return 'it is disabled';
  if (info.inputType !== INPUT_OF[protocol]) return `it is not for ${protocol}`;
  if (!info.roomName || !info.participantIdentity) return 'it names no room or identity';
  return null;
}

/** @throws UnsupportedIngress when it asks for an encoding that is not offered */
export function targetOf(info: IngressInfo): IngestTarget {
  if (info.inputType === IngressInput.WHIP_INPUT && info.enableTranscoding) {
    throw new UnsupportedIngress('WHIP is passed on as it is: switch enable_transcoding off for this ingress.');
  }
  return {
    ingressId: info.ingressId,
    roomName: info.roomName,
    identity: info.participantIdentity,
    name: info.participantName || info.participantIdentity,
    channelId: null,
    source: 'livekit',
    metadata: info.participantMetadata,
    wishes: readWishes(info),
    secondEncoder: 'take-over',
    record: false,
  };
}
