import { AppError } from '#core/shared/app-error';
import { apiRoute } from '../../_http/api-route.ts';

const nothing = apiRoute({}, async () => {
  throw new AppError('not-found', { blame: 'viewer', message: 'There is no such call. See /api/v1/openapi.json.' });
});

export { nothing as DELETE, nothing as GET, nothing as PATCH, nothing as POST, nothing as PUT };
