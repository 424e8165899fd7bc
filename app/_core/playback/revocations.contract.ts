import { describe, expect, test } from 'vitest';
import type { Revocations } from './revocations.ts';

/** What every list of revoked viewers does. @param make one where `playbackId` is unused */
export function describeRevocationsContract(
  name: string,
  make: () => { revocations: Revocations; playbackId: string },
): void {
  describe(`${name} keeps the contract of revocations`, () => {
    test('nobody is revoked at first', async () => {
      const { revocations, playbackId } = make();
      expect(await revocations.list(playbackId)).toEqual(new Set());
    });

    test('who was sent away is listed once, of this broadcast alone, until allowed again', async () => {
      const { revocations, playbackId } = make();
      await revocations.revoke(playbackId, 'usr_1');
      await revocations.revoke(playbackId, 'usr_1');
      await revocations.revoke(playbackId, 'usr_2');
      expect(await revocations.list(playbackId)).toEqual(new Set(['usr_1', 'usr_2']));
      expect(await revocations.list(`${playbackId}x`)).toEqual(new Set());
      await revocations.allow(playbackId, 'usr_1');
      await revocations.allow(playbackId, 'usr_never');
      expect(await revocations.list(playbackId)).toEqual(new Set(['usr_2']));
    });
  });
}
