import { AppError } from '#core/shared/app-error';
import { type IpAddress, parseIp } from './ip-address.ts';
import { parsePushUrl } from './push-url.ts';
import { addressOfHost, isLocalName, judgeTarget, type TargetPolicy } from './target-address.ts';

/** Port: DNS. Gives all addresses as text; an empty list when the name does not resolve (now). */
export type HostResolver = { resolve(host: string): Promise<string[]> };

/**
 * Refuses an address that leads into this machine or network (S-1). A name that does not resolve now passes: the engine
 * resolves and checks again at every connect.
 * @throws AppError 'destination-refused' with the field's name
 */
export async function checkTarget(
  rooms: { resolver: HostResolver; targets: TargetPolicy },
  url: string,
  field = 'url',
): Promise<void> {
  const { host, port } = parsePushUrl(url, field);
  for (const address of await addressesOf(rooms.resolver, host)) {
    const verdict = judgeTarget(rooms.targets, { host, port, address });
    if (!verdict.ok) {
      throw new AppError('destination-refused', {
        blame: 'owner',
        retry: 'after-edit',
        field,
        message: verdict.sentence,
      });
    }
  }
}

const LOOPBACK: IpAddress = [127, 0, 0, 1];

async function addressesOf(resolver: HostResolver, host: string): Promise<IpAddress[]> {
  const literal = addressOfHost(host);
  if (literal) return [literal];
  const found = (await resolver.resolve(host)).map(parseIp).filter((one): one is IpAddress => one !== null);
  // Names of this machine count as such even where no resolver knows them.
  return isLocalName(host) ? [LOOPBACK, ...found] : found;
}
