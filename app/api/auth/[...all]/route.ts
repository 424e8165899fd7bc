import { answered, clientAddress, tooOften } from '../../_http/api-route.ts';
import { requireSameOrigin } from '../../_http/same-origin.ts';

/** better-auth's own calls, for its client library. Signing in is limited like our own call. */
function handle(request: Request): Promise<Response> {
  return answered(request, async (services) => {
    if (request.method !== 'GET') {
      requireSameOrigin(request, services.env.OPENAIR_URL);
      const allowed = await services.rateLimits.signInByAddress.take(clientAddress(request));
      if (!allowed.ok) throw tooOften(allowed.retryAfterS);
    }
    const answer = await services.auth().handler(request);
    const headers = new Headers(answer.headers);
    headers.set('cache-control', 'private, no-store');
    return new Response(answer.body, { status: answer.status, headers });
  });
}

export { handle as GET, handle as POST };
