import type { z } from 'zod';
import { AppError, isAppError } from '#core/shared/app-error';

/** Longest body of a call; uploads have routes of their own. */
export const MAX_BODY_BYTES = 1024 * 1024;

function tooLarge(maxBytes: number): AppError {
  return new AppError('too-large', {
    blame: 'owner',
    retry: 'after-edit',
    field: 'body',
    message: `The body is larger than ${Math.floor(maxBytes / 1024)} kB.`,
  });
}

/**
 * Reads a body, and not a byte more than allowed.
 * @throws AppError 'too-large' with field `body`
 */
export async function readBytes(request: Request, maxBytes = MAX_BODY_BYTES): Promise<Buffer> {
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge(maxBytes);
  if (!request.body) return Buffer.alloc(0);
  const reader = request.body.getReader();
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    bytes += value.byteLength;
    if (bytes > maxBytes) {
      await reader.cancel();
      throw tooLarge(maxBytes);
    }
    pieces.push(value);
  }
  return Buffer.concat(pieces);
}

/** As `readBytes`, as text. */
export async function readText(request: Request, maxBytes = MAX_BODY_BYTES): Promise<string> {
  return (await readBytes(request, maxBytes)).toString('utf8');
}

/** The body as JSON; an empty one is an object without fields. @throws AppError 'bad-request' with field `body` */
export async function readJson(request: Request): Promise<unknown> {
  const text = await readText(request);
  if (text.trim() === '') return {};
  try {
    return JSON.parse(text, refuseNul);
  } catch (error) {
    if (isAppError(error)) throw error;
    throw new AppError('bad-request', {
      blame: 'owner',
      retry: 'after-edit',
      field: 'body',
      message: 'The body is not valid JSON.',
    });
  }
}

/** PostgreSQL's texts cannot hold the character NUL, and nobody types it. */
function refuseNul(key: string, value: unknown): unknown {
  if (typeof value !== 'string' || !value.includes('\0')) return value;
  throw new AppError('bad-request', {
    blame: 'owner',
    retry: 'after-edit',
    field: key || 'body',
    message: `${key || 'body'}: must not hold the character NUL`,
  });
}

/**
 * Checks input against its schema.
 * @throws AppError 'bad-request' that names the first wrong field
 */
export function parseInput<Schema extends z.ZodType>(schema: Schema, input: unknown, whole = 'body'): z.output<Schema> {
  const read = schema.safeParse(input);
  if (read.success) return read.data;
  const issue = read.error.issues[0];
  const path = issue ? issue.path.map(String) : [];
  const unknownKey = issue?.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
  const field = [...path, ...(unknownKey === undefined ? [] : [unknownKey])].join('.') || whole;
  throw new AppError('bad-request', {
    blame: 'owner',
    retry: 'after-edit',
    field,
    message: `${field}: ${sentenceOf(issue, input, path)}`,
  });
}

function sentenceOf(issue: z.core.$ZodIssue | undefined, input: unknown, path: readonly string[]): string {
  if (!issue) return 'is not valid';
  if (issue.code === 'unrecognized_keys') return 'is no field of this call';
  if (issue.code === 'invalid_type' && valueAt(input, path) === undefined) return 'is missing';
  return issue.message.replace(/^Invalid input: /, '');
}

function valueAt(input: unknown, path: readonly string[]): unknown {
  let value = input;
  for (const key of path) value = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
  return value;
}
