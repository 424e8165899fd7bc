import {
  ParticipantEgressRequest,
  RoomCompositeEgressRequest,
  StartEgressRequest,
  TrackCompositeEgressRequest,
  TrackEgressRequest,
  WebEgressRequest,
} from '@livekit/protocol';
import { type FieldReader, MessageWriter, readBytes, readText, visitFields } from '#bus/protobuf-fields';

/** The wish in whichever message it came. `replay` is a feature of LiveKit's cloud. */
export type WireRequest =
  | { kind: 'roomComposite'; value: RoomCompositeEgressRequest }
  | { kind: 'participant'; value: ParticipantEgressRequest }
  | { kind: 'v2'; value: StartEgressRequest }
  | { kind: 'web'; value: WebEgressRequest }
  | { kind: 'trackComposite'; value: TrackCompositeEgressRequest }
  | { kind: 'track'; value: TrackEgressRequest }
  | { kind: 'replay' }
  | { kind: 'none' };

/** `rpc.StartEgressRequest`, which is in no package. Token and address come empty from the open-source server. */
export type StartRequest = { egressId: string; roomId: string; request: WireRequest };

function readWish(field: FieldReader): WireRequest | null {
  switch (field.field) {
    case 5:
      return { kind: 'roomComposite', value: RoomCompositeEgressRequest.fromBinary(readBytes(field)) };
    case 6:
      return { kind: 'trackComposite', value: TrackCompositeEgressRequest.fromBinary(readBytes(field)) };
    case 7:
      return { kind: 'track', value: TrackEgressRequest.fromBinary(readBytes(field)) };
    case 11:
      return { kind: 'web', value: WebEgressRequest.fromBinary(readBytes(field)) };
    case 13:
      return { kind: 'participant', value: ParticipantEgressRequest.fromBinary(readBytes(field)) };
    case 16:
      return { kind: 'v2', value: StartEgressRequest.fromBinary(readBytes(field)) };
    case 17:
      readBytes(field);
      return { kind: 'replay' };
    default:
      return null;
  }
}

/** Reader for the bus. @throws when the bytes are no such message */
export const StartRequestCodec = {
  fromBinary(bytes: Uint8Array): StartRequest {
    const out: StartRequest = { egressId: '', roomId: '', request: { kind: 'none' } };
    visitFields(bytes, (f) => {
      if (f.field === 1) out.egressId = readText(f);
      else if (f.field === 3) out.roomId = readText(f);
      else {
        const wish = readWish(f);
        if (!wish) return false;
        out.request = wish;
      }
      return true;
    });
    return out;
  },
};

const FIELD_OF = { roomComposite: 5, trackComposite: 6, track: 7, web: 11, participant: 13, v2: 16 } as const;

/** The same message written, as livekit-server does; for tests and benches. */
export function writeStartRequest({ egressId, roomId, request }: StartRequest): Uint8Array {
  const writer = new MessageWriter().text(1, egressId).text(3, roomId);
  if (request.kind === 'replay') writer.message(17, new Uint8Array(0));
  else if (request.kind !== 'none') writer.message(FIELD_OF[request.kind], request.value.toBinary());
  return writer.finish();
}
