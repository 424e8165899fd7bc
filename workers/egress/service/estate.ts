import { seal, unseal } from '../sealed.ts';
import type { SavedCare } from './crash-care.ts';
import type { SavedState } from './egress-state.ts';
import type { AcceptedRequest } from './requests.ts';
import { type StartRequest, StartRequestCodec, writeStartRequest } from './start-request.ts';

/** What a worker needs to go on with an egress that another began; holds stream keys and perhaps storage secrets. */
export type Estate = {
  request: StartRequest;
  /** As it was read at the start: names in it may hold the time, tracks may be gone by now. Its pushes are those of now. */
  accepted: AcceptedRequest;
  state: SavedState;
  /** What its processes crashed on: a successor does not find it out by crashing again. */
  care?: SavedCare;
};

type Written = Omit<Estate, 'request'> & { v: 2; request: string };

const PURPOSE = 'register';

/** @param secret LiveKit's API secret, which all egress workers of an installation share */
export function sealEstate(secret: string, { request, ...rest }: Estate): Buffer {
  const written: Written = { v: 2, ...rest, request: Buffer.from(writeStartRequest(request)).toString('base64') };
  return seal(secret, PURPOSE, written);
}

/** @returns null when it cannot be read: another secret, another version, cut */
export function openEstate(secret: string, bytes: Uint8Array): Estate | null {
  const read = unseal(secret, PURPOSE, bytes) as Partial<Written> | null;
  if (read?.v !== 2 || typeof read.request !== 'string') return null;
  const { v: _, request, ...rest } = read as Written;
  return { ...rest, request: StartRequestCodec.fromBinary(Buffer.from(request, 'base64')) };
}
