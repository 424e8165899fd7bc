import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Actor } from '#core/account/actor';
import { parseIpv6 } from '#core/destination/ip-address';
import { AppError, isAppError } from '#core/shared/app-error';
import { getServices } from '#wiring/next';
import type { Services } from '#wiring/services';
import { answerError, answerJson } from './answer.ts';
import { parseInput, readJson } from './read-body.ts';
import { requireSameOrigin } from './same-origin.ts';

export type NextContext = { params: Promise<Record<string, string | string[] | undefined> | undefined> };
export type NextHandler = (request: Request, context: NextContext) => Promise<Response>;

export type Call<Body, Query> = {
  request: Request;
  actor: Actor;
  services: Services;
  /** Pieces of the path by name, decoded. */
  params: Record<string, string>;
  body: Body;
  query: Query;
};

export type RouteSpec<Body extends z.ZodType, Query extends z.ZodType> = {
  body?: Body;
  query?: Query;
  /** Status of a success, 200 unless said. */
  status?: number;
};

const Nothing = z.strictObject({});

/**
 * One way for every call: who asks, whose page asked, is the input as the contract says; then the use case; then its answer or
 * its error in the API's form.
 * @param handle gives the body of the answer, `undefined` for 204, or a whole Response
 */
export function apiRoute<Body extends z.ZodType = typeof Nothing, Query extends z.ZodType = typeof Nothing>(
  spec: RouteSpec<Body, Query>,
  handle: (call: Call<z.output<Body>, z.output<Query>>) => Promise<unknown>,
): NextHandler {
  return (request, context) =>
    answered(request, async (services) => {
      const isChange = request.method !== 'GET' && request.method !== 'HEAD';
      const actor = await services.accounts.actorFromHeaders(request.headers);
      if (isChange) await guardChange(services, request, actor);
      const params = await plainParams(context);
      const query = parseInput(spec.query ?? Nothing, Object.fromEntries(new URL(request.url).searchParams), 'query');
      const body = isChange ? parseInput(spec.body ?? Nothing, await readJson(request)) : undefined;
      const call = { request, actor, services, params, query, body } as Call<z.output<Body>, z.output<Query>>;
      const result = await handle(call);
      return result instanceof Response ? result : answerJson(result, { status: spec.status ?? 200 });
    });
}

/** Runs a handler and turns whatever it throws into an answer; unexpected errors are logged with the request's id. */
export async function answered(request: Request, work: (services: Services) => Promise<Response>): Promise<Response> {
  const requestId = requestIdOf(request);
  try {
    const answer = await work(getServices());
    answer.headers.set('x-request-id', requestId);
    return answer;
  } catch (error) {
    noteFailure(request, requestId, error);
    return answerError(error, requestId);
  }
}

function noteFailure(request: Request, requestId: string, error: unknown): void {
  const expected = isAppError(error) && error.code !== 'internal' && error.code !== 'bad-configuration';
  const facts = { err: error, requestId, method: request.method, path: new URL(request.url).pathname };
  try {
    const { log } = getServices();
    if (!expected) log.error(facts, 'a call failed');
    else if (isAppError(error) && error.blame === 'operator') log.warn(facts, 'a call could not be answered');
  } catch {
    // Without a readable configuration there is no log either; the answer still says that something is wrong.
  }
}

async function guardChange(services: Services, request: Request, actor: Actor): Promise<void> {
  if (actor.kind !== 'api-key') requireSameOrigin(request, services.env.OPENAIR_URL);
  const type = request.headers.get('content-type');
  if (actor.kind === 'user' && type !== null && !/^application\/json\b/i.test(type)) {
    throw new AppError('unsupported', {
      blame: 'owner',
      field: 'content-type',
      message: 'Send the body as application/json.',
    });
  }
  const caller = actor.kind === 'anonymous' ? `ip:${clientAddress(request)}` : `user:${actor.userId}`;
  const allowed = await services.rateLimits.writes.take(caller);
  if (!allowed.ok) throw tooOften(allowed.retryAfterS);
}

/** @param retryAfterS seconds until it may be tried again */
export function tooOften(retryAfterS: number): AppError {
  return new AppError('rate-limited', {
    blame: 'viewer',
    retry: 'with-back-off',
    retryAfterS,
    message: `Too many tries. Try again in ${retryAfterS} s.`,
  });
}

/** The caller's address as the edge saw it: the last entry, which the edge itself wrote (S-29). */
export function clientAddress(request: Request): string {
  return request.headers.get('x-forwarded-for')?.split(',').at(-1)?.trim() || 'unknown';
}

/** Whoever has an address of IPv6 has a whole /64 of them: tries are counted by that. */
export function clientNetwork(request: Request): string {
  const address = clientAddress(request);
  const bytes = parseIpv6(address);
  return bytes && !address.includes('.') ? bytes.slice(0, 8).join('.') : address;
}

/** Ids and handles of ours are short and plain; anything else names nothing. @throws AppError 'not-found' */
export async function plainParams({ params }: NextContext): Promise<Record<string, string>> {
  const entries = Object.entries((await params) ?? {}).map(([name, value]): [string, string] => [
    name,
    Array.isArray(value) ? value.join('/') : (value ?? ''),
  ]);
  if (entries.some(([, value]) => !PLAIN.test(value))) {
    throw new AppError('not-found', { blame: 'viewer', message: 'There is nothing at this address.' });
  }
  return Object.fromEntries(entries);
}

const PLAIN = /^[\x20-\x7e]{1,200}$/;

function requestIdOf(request: Request): string {
  const given = request.headers.get('x-request-id');
  return given !== null && /^[A-Za-z0-9-]{8,64}$/.test(given) ? given : randomUUID();
}
