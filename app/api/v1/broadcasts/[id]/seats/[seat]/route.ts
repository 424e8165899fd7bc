import { leaveSeat, RenewSeat, renewSeat } from '#core/viewer/take-seat';
import { apiRoute } from '../../../../../_http/api-route.ts';

export const PUT = apiRoute({ body: RenewSeat }, ({ actor, services, params, body }) =>
  renewSeat(services, { actor, broadcastId: params.id ?? '', seat: params.seat ?? '', input: body }),
);

export const DELETE = apiRoute({}, ({ services, params }) =>
  leaveSeat(services, { broadcastId: params.id ?? '', seat: params.seat ?? '' }),
);
