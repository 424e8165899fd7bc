import { AppError } from '#core/shared/app-error';

/**
 * Refuses a change that another site's page asked this browser for (S-37). Browsers send `Sec-Fetch-Site` or `Origin` with
 * every such request; one that carries a cookie and neither of them is refused too.
 * @throws AppError 'forbidden'
 */
export function requireSameOrigin(request: Request, pagesUrl: string): void {
  const origin = request.headers.get('origin');
  const site = request.headers.get('sec-fetch-site');
  const hasCookie = request.headers.get('cookie') !== null;
  const fine = origin !== null ? isOurs(origin, request, pagesUrl) : site !== null ? isFromHere(site) : !hasCookie;
  if (fine && (site === null || isFromHere(site))) return;
  throw new AppError('forbidden', {
    blame: 'outside',
    message: 'This call came from another site’s page and was refused. Programs use an API key instead of a cookie.',
  });
}

function isFromHere(site: string): boolean {
  return site === 'same-origin' || site === 'none';
}

/** The same page may be open under another name of this machine: then the browser sends that name as host, too. */
function isOurs(origin: string, request: Request, pagesUrl: string): boolean {
  if (origin === new URL(pagesUrl).origin) return true;
  const host = request.headers.get('host');
  try {
    return host !== null && new URL(origin).host === host;
  } catch {
    return false;
  }
}
