import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodeClaimRequest,
  decodeClaimResponse,
  decodeRequest,
  decodeResponse,
  encodeClaimRequest,
  encodeClaimResponse,
  encodeRequest,
  encodeResponse,
  MAX_MESSAGE_BYTES,
} from './envelope.ts';

const request = {
  requestId: 'REQ_1',
  clientId: 'CLI_1',
  sentAtMs: 1_700_000_000_000,
  expiryMs: 1_700_000_003_000,
  multi: false,
  payload: Uint8Array.of(1, 2, 3),
};

describe('envelope', () => {
  test('each message survives the way there and back', () => {
    expect(decodeRequest(encodeRequest(request))).toEqual(request);
    expect(decodeRequest(encodeRequest({ ...request, multi: true })).multi).toBe(true);
    const claim = { requestId: 'REQ_1', serverId: 'SRV_1', affinity: 0.5 };
    expect(decodeClaimRequest(encodeClaimRequest(claim))).toEqual(claim);
    const choice = { requestId: 'REQ_1', serverId: 'SRV_1' };
    expect(decodeClaimResponse(encodeClaimResponse(choice))).toEqual(choice);
    const response = {
      requestId: 'REQ_1',
      serverId: 'SRV_1',
      sentAtMs: 5,
      error: 'no',
      code: 'not_found',
      payload: Uint8Array.of(9),
    };
    expect(decodeResponse(encodeResponse(response))).toEqual(response);
  });

  test('the bytes are the ones protobuf defines', () => {
    const bytes = encodeClaimRequest({ requestId: 'R', serverId: 'S', affinity: 0.5 });
    const typeUrl = Buffer.from('type.googleapis.com/internal.ClaimRequest');
    const value = Buffer.from([0x0a, 1, 0x52, 0x12, 1, 0x53, 0x1d, 0, 0, 0, 0x3f]);
    const expected = Buffer.concat([
      Buffer.from([0x0a, typeUrl.length]),
      typeUrl,
      Buffer.from([0x12, value.length]),
      value,
    ]);
    expect(Buffer.from(bytes).toString('hex')).toBe(expected.toString('hex'));
  });

  test('a message of another kind, without ids, or too large is refused', () => {
    expect(() => decodeResponse(encodeRequest(request))).toThrow('expected internal.Response');
    expect(() => decodeRequest(encodeRequest({ ...request, clientId: '' }))).toThrow('ids');
    expect(() => decodeRequest(encodeRequest({ ...request, requestId: 'x'.repeat(200) }))).toThrow('ids');
    const large = encodeRequest({ ...request, payload: new Uint8Array(MAX_MESSAGE_BYTES) });
    expect(() => decodeRequest(large)).toThrow('too large');
  });

  test('fields of the wrong wire type are refused, unknown fields are skipped', () => {
    const typeUrl = Buffer.from('type.googleapis.com/internal.ClaimResponse');
    const wrap = (value: Buffer) =>
      Buffer.concat([Buffer.from([0x0a, typeUrl.length]), typeUrl, Buffer.from([0x12, value.length]), value]);
    // field 1 as varint
    expect(() => decodeClaimResponse(wrap(Buffer.from([0x08, 5, 0x12, 1, 0x53])))).toThrow('length-delimited');
    // field 15 unknown
    expect(decodeClaimResponse(wrap(Buffer.from([0x0a, 1, 0x52, 0x78, 5, 0x12, 1, 0x53])))).toEqual({
      requestId: 'R',
      serverId: 'S',
    });
  });

  test('random bytes and broken messages throw, and never hang or crash', () => {
    const valid = encodeRequest(request);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        for (const decode of [decodeRequest, decodeResponse, decodeClaimRequest, decodeClaimResponse]) {
          expect(() => decode(bytes)).toThrow();
        }
      }),
    );
    fc.assert(
      fc.property(fc.nat(valid.length - 1), fc.nat(255), (at, value) => {
        const broken = Uint8Array.from(valid);
        broken[at] = value;
        try {
          createHash('sha1').update(decodeRequest(broken).payload);
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
      }),
    );
  });
});
