import { z } from 'zod';
import { findChannels } from '#core/channel/find-channels';
import { AppError } from '#core/shared/app-error';
import { answerJson, withCookies } from '../../_http/answer.ts';
import { apiRoute, clientAddress, tooOften } from '../../_http/api-route.ts';
import { channelView, sessionView } from '../../_http/views.ts';

const SignIn = z.strictObject({
  email: z.email('must be an e-mail address').max(254),
  password: z.string().min(1).max(128),
});

/** Who asks, and the channels of their own. */
export const GET = apiRoute({}, async ({ actor, services }) => {
  const channels = actor.kind === 'anonymous' ? [] : await findChannels(services, actor);
  return { ...sessionView(actor), channels: channels.map((channel) => channelView(channel, services.env.OPENAIR_URL)) };
});

export const POST = apiRoute({ body: SignIn }, async ({ request, services, body }) => {
  const { signInByAddress, signInByAccount } = services.rateLimits;
  const taken = [
    await signInByAddress.take(clientAddress(request)),
    await signInByAccount.take(body.email.toLowerCase()),
  ];
  for (const one of taken) if (!one.ok) throw tooOften(one.retryAfterS);
  const signedIn = await services.signIn.withPassword(body.email, body.password, request.headers);
  if (!signedIn) {
    throw new AppError('unauthenticated', { blame: 'viewer', message: 'The e-mail address or the password is wrong.' });
  }
  const { cookies, ...person } = signedIn;
  return withCookies(answerJson(sessionView({ kind: 'user', ...person })), cookies);
});

export const DELETE = apiRoute({}, async ({ request, services }) => {
  const { cookies } = await services.signIn.signOut(request.headers);
  return withCookies(answerJson(undefined), cookies);
});
