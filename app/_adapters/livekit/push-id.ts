import { createHmac } from 'node:crypto';
import type { PushIds } from '#core/destination/push-url';

/** The name of a push in the engine's reports: the first 16 hex figures of HMAC-SHA256(API secret, `push:` + full URL). */
export function livekitPushIds(apiSecret: string): PushIds {
  return { idOf: (url) => createHmac('sha256', apiSecret).update(`push:${url}`).digest('hex').slice(0, 16) };
}
