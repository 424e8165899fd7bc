import {
  AVERROR_EOF,
  AVERROR_HTTP_BAD_REQUEST,
  AVERROR_HTTP_FORBIDDEN,
  AVERROR_HTTP_NOT_FOUND,
  AVERROR_HTTP_OTHER_4XX,
  AVERROR_HTTP_SERVER_ERROR,
  AVERROR_HTTP_TOO_MANY_REQUESTS,
  AVERROR_HTTP_UNAUTHORIZED,
  AVERROR_INVALIDDATA,
} from 'node-av/constants';
import type { SourceEnd } from './messages.ts';

const ECONNREFUSED = -111;
const ETIMEDOUT = -110;

const ENDS = new Map<number, SourceEnd>([
  [AVERROR_HTTP_NOT_FOUND, 'not-found'],
  [AVERROR_HTTP_FORBIDDEN, 'forbidden'],
  [AVERROR_HTTP_UNAUTHORIZED, 'forbidden'],
  [AVERROR_HTTP_BAD_REQUEST, 'refused'],
  [AVERROR_HTTP_OTHER_4XX, 'refused'],
  [AVERROR_HTTP_TOO_MANY_REQUESTS, 'refused'],
  [AVERROR_HTTP_SERVER_ERROR, 'server-error'],
  [AVERROR_INVALIDDATA, 'not-media'],
  [ECONNREFUSED, 'refused'],
  [ETIMEDOUT, 'silent'],
  [AVERROR_EOF, 'lost'],
]);

/** What one of FFmpeg's error numbers means for a source. */
export function endOf(error: number, during: 'opening' | 'reading'): SourceEnd {
  return ENDS.get(error) ?? (during === 'opening' ? 'refused' : 'lost');
}
