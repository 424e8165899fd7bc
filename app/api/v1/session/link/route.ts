import { z } from 'zod';
import { useSignInLink } from '#core/account/sign-in-link';
import { answerJson, withCookies } from '../../../_http/answer.ts';
import { apiRoute, clientAddress, tooOften } from '../../../_http/api-route.ts';
import { sessionView } from '../../../_http/views.ts';

const UseLink = z.strictObject({ token: z.string().min(1).max(256) });

/** Uses a one-time link up and signs its person in. */
export const POST = apiRoute({ body: UseLink }, async ({ request, services, body }) => {
  const allowed = await services.rateLimits.signInByAddress.take(clientAddress(request));
  if (!allowed.ok) throw tooOften(allowed.retryAfterS);
  const { cookies, ...person } = await useSignInLink(services, body.token, request.headers);
  return withCookies(answerJson(sessionView({ kind: 'user', ...person })), cookies);
});
