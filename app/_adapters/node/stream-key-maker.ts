import type { StreamKeyMaker } from '#core/ingest/stream-key';
import { randomText } from './ids.ts';

/** `live_` + 26 characters of base 62: 154 bits. */
export const randomStreamKeys: StreamKeyMaker = { makeStreamKey: () => `live_${randomText(26)}` };
