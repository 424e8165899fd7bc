import { type Logger, pino } from 'pino';

/** One line an event, JSON, on standard output; the parent decides where it goes. Keys and URLs never get in here. */
export function openLog(egressId: string, level = 'info'): Logger {
  return pino({
    level,
    base: { egressId },
    redact: { paths: ['url', '*.url', 'token', '*.token', '*.apiSecret', '*.secretKey'], censor: '[redacted]' },
  });
}
