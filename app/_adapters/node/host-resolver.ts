import { lookup } from 'node:dns/promises';
import type { HostResolver } from '#core/destination/check-target';

const TIMEOUT_MS = 2_000;

/** The system's resolver, hosts file included, with a time limit: an unanswered question counts as "does not resolve". */
export const systemResolver: HostResolver = {
  async resolve(host) {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<string[]>((done) => {
      timer = setTimeout(done, TIMEOUT_MS, []);
    });
    const asked = lookup(host, { all: true, verbatim: true })
      .then((found) => found.map((one) => one.address))
      .catch(() => []);
    try {
      return await Promise.race([asked, late]);
    } finally {
      clearTimeout(timer);
    }
  },
};
