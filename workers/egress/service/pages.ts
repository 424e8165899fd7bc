import { RpcError } from '#bus/rpc-error';
import type { PageConfig } from '../page-config.ts';
import type { EgressPlan, PageSourcePlan, SourcePlan } from '../plan.ts';
import { resolveTarget } from '../target.ts';

type DrawnBy = Pick<PageSourcePlan, 'browser' | 'sandbox' | 'memoryMb' | 'flags'>;

/** A start has to be answered within 2 s; a name that takes longer is judged by the pipeline. */
const LOOK_UP_MS = 1_000;

/**
 * What draws a page on this worker.
 * @throws RpcError `unimplemented` when there is no Chromium: another service on the bus may have one
 */
export function drawnBy({ browser, missing, ...how }: PageConfig): DrawnBy {
  if (browser) return { browser, ...how };
  throw new RpcError(
    'unimplemented',
    `a page (web egress, custom_base_url) is drawn by Chromium, which this egress service has not: ${missing}`,
  );
}

/** A page of a worker that died, as this one draws it; null when it cannot. Other sources stay as they are. */
export function pageHere(source: SourcePlan, page: PageConfig): SourcePlan | null {
  if (source.kind !== 'page') return source;
  return page.browser ? { ...source, ...drawnBy(page) } : null;
}

/** Why the page's address is refused, or null; looked up, since a public name may lead to a private address. */
export async function refusalOfPage({ source, targets }: EgressPlan): Promise<RpcError | null> {
  if (source.kind !== 'page') return null;
  const { hostname, port, protocol } = new URL(source.url);
  const target = { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) || (protocol === 'https:' ? 443 : 80) };
  const field = source.template ? 'custom_base_url' : 'url';
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, LOOK_UP_MS, null);
  });
  const found = resolveTarget(target, targets).then(
    () => null,
    ({ code }: { code?: string }) => {
      if (code === 'EFORBIDDEN') {
        const how = 'The operator can allow it in OPENAIR_ALLOW_TARGETS.';
        return new RpcError('invalid_argument', `${field} leads to an address that is not public. ${how}`);
      }
      if (code === 'ENOTFOUND') return new RpcError('invalid_argument', `the host of ${field} is not known`);
      return null;
    },
  );
  return Promise.race([found, late]).finally(() => clearTimeout(timer));
}
