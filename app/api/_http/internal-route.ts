import { createHash, timingSafeEqual } from 'node:crypto';
import type { z } from 'zod';
import { AppError } from '#core/shared/app-error';
import type { Services } from '#wiring/services';
import { answerJson } from './answer.ts';
import { answered, type NextHandler } from './api-route.ts';
import { parseInput, readJson } from './read-body.ts';

/** A call between our own processes: bearer OPENAIR_SERVICE_SECRET; the edge does not route it. */
export function internalRoute<Body extends z.ZodType>(
  body: Body,
  handle: (call: { services: Services; body: z.output<Body>; request: Request }) => Promise<unknown>,
): NextHandler {
  return (request) =>
    answered(request, async (services) => {
      requireServiceSecret(request, services.env.OPENAIR_SERVICE_SECRET);
      const input = parseInput(body, await readJson(request));
      return answerJson(await handle({ services, body: input, request }));
    });
}

function requireServiceSecret(request: Request, secret: string): void {
  const given = request.headers.get('authorization')?.replace(/^Bearer /, '') ?? '';
  // Hashes have one length, so that the comparison tells nothing about the secret's.
  const hash = (text: string) => createHash('sha256').update(text).digest();
  if (timingSafeEqual(hash(given), hash(secret))) return;
  throw new AppError('unauthenticated', { blame: 'operator', message: 'The service secret is wrong or missing.' });
}
