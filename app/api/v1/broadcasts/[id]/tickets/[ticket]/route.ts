import { revokeTicket } from '#core/broadcast/edit-tickets';
import { apiRoute } from '../../../../../_http/api-route.ts';

export const DELETE = apiRoute({}, ({ actor, services, params }) =>
  revokeTicket(services, { actor, broadcastId: params.id ?? '', ticketId: params.ticket ?? '' }),
);
