import { lookup } from 'node:dns/promises';
import { parseIp } from '#core/destination/ip-address';
import { addressOfHost, isLocalName, judgeTarget, plainHost, readTargetPolicy } from '#core/destination/target-address';

/** A target that may not be reached; the sentence is for the owner. */
export class ForbiddenTarget extends Error {
  override name = 'ForbiddenTarget';
}

/** Finds an address for a host that may be connected to. */
export type TargetGuard = {
  /**
   * Looks up once and judges what was found; connect to the answer, never to the name again (S-1, S-2: DNS that changes its mind).
   * @throws ForbiddenTarget, or Error with `code` ENOTFOUND
   */
  resolve(host: string, port: number): Promise<string>;
};

/** @param allow `OPENAIR_ALLOW_TARGETS` @param ownPorts `OPENAIR_OWN_PORTS` @param lookUp replaced in tests */
export function createTargetGuard(
  allow: string,
  ownPorts: string,
  lookUp: (host: string) => Promise<string[]> = systemLookUp,
): TargetGuard {
  const policy = readTargetPolicy(allow, ownPorts);
  return {
    async resolve(host, port) {
      const plain = plainHost(host);
      const literal = addressOfHost(plain);
      if (!literal && isLocalName(plain) && !policy.allowedHosts.includes(plain)) {
        throw new ForbiddenTarget('This name means a machine of this network.');
      }
      const found = literal ? [plain] : await lookUp(plain);
      let refusal = 'This name has no address.';
      for (const text of found) {
        const address = parseIp(text);
        if (!address) continue;
        const verdict = judgeTarget(policy, { host: plain, port, address });
        if (verdict.ok) return text;
        refusal = verdict.sentence;
      }
      throw new ForbiddenTarget(refusal);
    },
  };
}

async function systemLookUp(host: string): Promise<string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}
