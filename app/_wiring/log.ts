import { type Logger, pino } from 'pino';

/** Fields that may hold a secret, at any of the first depths; their values never reach a log. */
const SECRET_FIELDS = [
  'streamKey',
  'bearerToken',
  'token',
  'password',
  'apiKey',
  'authorization',
  'cookie',
  'secret',
  'pushUrl',
];

/** One line of JSON per fact on stdout; the supervisor writes it to the process's file. */
export function makeLog(name: string, level: string): Logger {
  return pino({
    name,
    level,
    base: { name },
    redact: { paths: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]), censor: '[secret]' },
    serializers: { err: errorFacts, error: errorFacts },
  });
}

/** What a log says of an error: name, code, sentence, where; causes by name and message alone. */
function errorFacts(error: unknown): unknown {
  if (!(error instanceof Error)) return String(error);
  const { name, message, stack, cause } = error;
  const code = 'code' in error ? String(error.code) : undefined;
  const detail = 'detail' in error && typeof error.detail === 'string' ? error.detail : undefined;
  return {
    name,
    code,
    message,
    detail,
    stack: stack?.split('\n').slice(1, 5).join(' <- '),
    cause: cause instanceof Error ? `${cause.name}: ${cause.message}` : undefined,
  };
}
