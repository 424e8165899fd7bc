import { TakeSeat, takeSeat } from '#core/viewer/take-seat';
import { apiRoute, clientAddress, tooOften } from '../../../../_http/api-route.ts';

export const POST = apiRoute({ body: TakeSeat, status: 201 }, async ({ request, actor, services, params, body }) => {
  const caller = actor.kind === 'anonymous' ? `ip:${clientAddress(request)}` : `user:${actor.userId}`;
  const allowed = await services.rateLimits.seats.take(caller);
  if (!allowed.ok) throw tooOften(allowed.retryAfterS);
  return takeSeat(services, { actor, broadcastId: params.id ?? '', input: body });
});
