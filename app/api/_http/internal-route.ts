import { createHash, timingSafeEqual } from 'node:crypto';
import type { z } from 'zod';
import { AppError } from '#core/shared/app-error';
import type { Services } from '#wiring/services';
import { answerJson } from './answer.ts';
import { answered, type NextHandler, plainParams } from './api-route.ts';
import { parseInput, readBytes, readJson } from './read-body.ts';

type InternalCall = { services: Services; params: Record<string, string>; request: Request };

/** A call between our own processes: bearer OPENAIR_SERVICE_SECRET; the edge does not route it. */
export function internalRoute<Body extends z.ZodType>(
  body: Body,
  handle: (call: InternalCall & { body: z.output<Body> }) => Promise<unknown>,
): NextHandler {
  return (request, context) =>
    answered(request, async (services) => {
      requireServiceSecret(request, services.env.OPENAIR_SERVICE_SECRET);
      const params = await plainParams(context);
      const input = parseInput(body, await readJson(request));
      return answerJson(await handle({ services, params, body: input, request }));
    });
}

/** The same for a body of bytes. @param maxBytes of the body */
export function internalUpload(
  maxBytes: number,
  handle: (call: InternalCall & { body: Uint8Array }) => Promise<unknown>,
): NextHandler {
  return (request, context) =>
    answered(request, async (services) => {
      requireServiceSecret(request, services.env.OPENAIR_SERVICE_SECRET);
      const params = await plainParams(context);
      return answerJson(await handle({ services, params, body: await readBytes(request, maxBytes), request }));
    });
}

function requireServiceSecret(request: Request, secret: string): void {
  const given = request.headers.get('authorization')?.replace(/^Bearer /, '') ?? '';
  // Hashes have one length, so that the comparison tells nothing about the secret's.
  const hash = (text: string) => createHash('sha256').update(text).digest();
  if (timingSafeEqual(hash(given), hash(secret))) return;
  throw new AppError('unauthenticated', { blame: 'operator', message: 'The service secret is wrong or missing.' });
}
