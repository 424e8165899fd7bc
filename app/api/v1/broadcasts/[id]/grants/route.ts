import { IssuePlaybackGrant, issuePlaybackGrant } from '#core/broadcast/issue-playback-grant';
import { apiRoute } from '../../../../_http/api-route.ts';

export const POST = apiRoute({ body: IssuePlaybackGrant, status: 201 }, ({ actor, services, params, body }) =>
  issuePlaybackGrant(services, { actor, broadcastId: params.id ?? '', input: body }),
);
