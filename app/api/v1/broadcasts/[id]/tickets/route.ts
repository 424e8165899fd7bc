import { findTickets, MakeTickets, makeTickets } from '#core/broadcast/edit-tickets';
import { apiRoute } from '../../../../_http/api-route.ts';

export const GET = apiRoute({}, async ({ actor, services, params }) => ({
  items: await findTickets(services, { actor, broadcastId: params.id ?? '' }),
}));

export const POST = apiRoute({ body: MakeTickets, status: 201 }, async ({ actor, services, params, body }) => ({
  items: await makeTickets(services, { actor, broadcastId: params.id ?? '', input: body }),
}));
