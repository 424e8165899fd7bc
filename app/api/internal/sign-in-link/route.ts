import { z } from 'zod';
import { makeSignInLink } from '#core/account/sign-in-link';
import { internalRoute } from '../../_http/internal-route.ts';

/** For the shell of whoever runs the installation: prints the admin's one-time link. */
export const POST = internalRoute(z.strictObject({}), ({ services }) =>
  makeSignInLink(services, services.env.OPENAIR_URL),
);
