import { markOf, type StreamKeyMaker } from '#core/ingest/stream-key';
import { randomText } from './ids.ts';

const SECRET_LENGTH = 26;

/** `live_{mark}_` + 26 characters of base 62: 154 bits. */
export const randomStreamKeys: StreamKeyMaker = {
  makeStreamKey: (channelId) => `live_${markOf(channelId)}_${randomText(SECRET_LENGTH)}`,
};
