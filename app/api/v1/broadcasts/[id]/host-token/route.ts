import { IssueHostToken, issueHostToken } from '#core/broadcast/issue-host-token';
import { apiRoute } from '../../../../_http/api-route.ts';

export const POST = apiRoute({ body: IssueHostToken }, ({ actor, services, params, body }) =>
  issueHostToken(services, { actor, broadcastId: params.id ?? '', input: body }),
);
