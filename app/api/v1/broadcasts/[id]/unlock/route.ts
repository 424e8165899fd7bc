import { UnlockBroadcast, unlockBroadcast } from '#core/broadcast/let-in';
import { isAppError } from '#core/shared/app-error';
import { apiRoute, clientNetwork, tooOften } from '../../../../_http/api-route.ts';

/** What counts as guessing; everything else is given back. */
const GUESSES = ['wrong-password', 'ticket-unknown', 'not-found'];

/** Right answers do not count either: an audience behind one address types the same password a hundred times in a minute. */
export const POST = apiRoute({ body: UnlockBroadcast }, async ({ request, services, params, body }) => {
  const { unlock } = services.rateLimits;
  const broadcastId = params.id ?? '';
  const key = `${broadcastId}|${clientNetwork(request)}`;
  const allowed = body.pass === undefined ? await unlock.take(key) : { ok: true as const };
  if (!allowed.ok) throw tooOften(allowed.retryAfterS);
  let guessed = false;
  try {
    return await unlockBroadcast(services, { broadcastId, input: body });
  } catch (error) {
    guessed = isAppError(error) && GUESSES.includes(error.code);
    throw error;
  } finally {
    if (!guessed && body.pass === undefined) await unlock.giveBack(key);
  }
});
