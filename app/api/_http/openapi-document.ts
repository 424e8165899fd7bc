import { OpenAPIRegistry, OpenApiGeneratorV31, type RouteConfig } from '@asteasolutions/zod-to-openapi';
import { z } from 'zod';
import { CreateBroadcast } from '#core/broadcast/create-broadcast';
import { EditBroadcast } from '#core/broadcast/edit-broadcast';
import { MakeTickets, TicketView } from '#core/broadcast/edit-tickets';
import { IssueHostToken } from '#core/broadcast/issue-host-token';
import { IssuePlaybackGrant } from '#core/broadcast/issue-playback-grant';
import { UnlockBroadcast, Unlocked } from '#core/broadcast/let-in';
import { SetScene } from '#core/broadcast/set-scene';
import { StartBroadcast } from '#core/broadcast/start-broadcast';
import { BroadcastQuality } from '#core/broadcast/view-quality';
import { CreateChannel } from '#core/channel/create-channel';
import { EmbedRules } from '#core/channel/embed-rules';
import { AddDestination, EditDestination } from '#core/destination/edit-destinations';
import { IngestSettingsChange } from '#core/ingest/ingest-settings';
import { InputRecordingView } from '#core/ingest/input-recordings';
import { Scene } from '#core/scene/scene';
import { RenewSeat, TakeSeat } from '#core/viewer/take-seat';
import * as view from './views.ts';

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';
type Entry = {
  method: Method;
  path: string;
  summary: string;
  body?: z.ZodType;
  query?: z.ZodObject;
  /** Schema of a success; null is 204. */
  answer: z.ZodType | null;
  status?: number;
  /** Needs neither key nor cookie. */
  open?: boolean;
};

const SignIn = z.strictObject({ email: z.email(), password: z.string() });
const UseLink = z.strictObject({ token: z.string() });

/** Every call of the API. A test holds this list against the routes. */
export const CALLS: readonly Entry[] = [
  {
    method: 'get',
    path: '/health',
    summary: 'How each part of the installation is; always 200 while web runs',
    answer: view.HealthAnswer,
    open: true,
  },
  { method: 'get', path: '/openapi.json', summary: 'This document', answer: z.looseObject({}), open: true },
  { method: 'get', path: '/session', summary: 'Who asks, and their channels', answer: view.SessionAnswer, open: true },
  {
    method: 'post',
    path: '/session',
    summary: 'Sign in; sets the cookie',
    body: SignIn,
    answer: view.SessionAnswer,
    open: true,
  },
  { method: 'delete', path: '/session', summary: 'Sign out', answer: null, open: true },
  {
    method: 'post',
    path: '/session/link',
    summary: 'Sign in with a one-time link',
    body: UseLink,
    answer: view.SessionAnswer,
    open: true,
  },
  { method: 'get', path: '/channels', summary: 'Your channels', answer: view.listOf(view.ChannelAnswer) },
  {
    method: 'post',
    path: '/channels',
    summary: 'Make a channel',
    body: CreateChannel,
    answer: view.ChannelAnswer,
    status: 201,
  },
  { method: 'get', path: '/channels/{handle}', summary: 'A channel', answer: view.ChannelAnswer, open: true },
  {
    method: 'get',
    path: '/channels/{handle}/embed',
    summary: 'Whose pages may show the player in a frame',
    answer: EmbedRules,
  },
  {
    method: 'put',
    path: '/channels/{handle}/embed',
    summary: 'Choose whose pages may show the player in a frame',
    body: EmbedRules,
    answer: EmbedRules,
  },
  {
    method: 'get',
    path: '/channels/{handle}/ingest',
    summary: 'Addresses and key for encoders',
    answer: view.IngestAnswer,
  },
  {
    method: 'patch',
    path: '/channels/{handle}/ingest',
    summary: 'Choose how encoders are treated, from the next one that connects',
    body: IngestSettingsChange,
    answer: view.IngestAnswer,
  },
  {
    method: 'post',
    path: '/channels/{handle}/ingest/rotate',
    summary: 'A new stream key; the old one is dead at once',
    answer: view.IngestAnswer,
  },
  {
    method: 'get',
    path: '/channels/{handle}/ingest/recordings',
    summary: 'What encoders sent, recorded as it came, newest first',
    answer: view.listOf(InputRecordingView),
  },
  {
    method: 'get',
    path: '/channels/{handle}/ingest/recordings/{id}',
    summary: 'One of them',
    answer: InputRecordingView,
  },
  {
    method: 'delete',
    path: '/channels/{handle}/ingest/recordings/{id}',
    summary: 'Remove one that is finished, file and all',
    answer: null,
  },
  {
    method: 'get',
    path: '/channels/{handle}/ingest/recordings/{id}/file',
    summary: 'Its file (video/mp4), whole or by range; for those who run the channel',
    answer: z.string().meta({ format: 'binary' }),
  },
  {
    method: 'get',
    path: '/channels/{handle}/broadcasts',
    summary: 'A channel’s broadcasts, newest first',
    query: view.ListQuery,
    answer: view.listOf(view.PublicBroadcastAnswer),
    open: true,
  },
  {
    method: 'post',
    path: '/channels/{handle}/broadcasts',
    summary: 'Make a broadcast',
    body: CreateBroadcast,
    answer: view.BroadcastAnswer,
    status: 201,
  },
  {
    method: 'get',
    path: '/channels/{handle}/destinations',
    summary: 'A channel’s destinations',
    answer: view.listOf(view.DestinationAnswer),
  },
  {
    method: 'post',
    path: '/channels/{handle}/destinations',
    summary: 'Add a destination; an enabled one joins what is on air',
    body: AddDestination,
    answer: view.DestinationAnswer,
    status: 201,
  },
  {
    method: 'patch',
    path: '/channels/{handle}/destinations/{id}',
    summary: 'Change a destination',
    body: EditDestination,
    answer: view.DestinationAnswer,
  },
  { method: 'delete', path: '/channels/{handle}/destinations/{id}', summary: 'Remove a destination', answer: null },
  {
    method: 'get',
    path: '/broadcasts',
    summary: 'Broadcasts listed to everyone',
    query: view.ListQuery,
    answer: view.listOf(view.PublicBroadcastAnswer),
    open: true,
  },
  {
    method: 'get',
    path: '/broadcasts/{id}',
    summary: 'A broadcast; its owner sees how it is made',
    answer: view.BroadcastAnswer,
    open: true,
  },
  {
    method: 'patch',
    path: '/broadcasts/{id}',
    summary: 'Change a broadcast',
    body: EditBroadcast,
    answer: view.BroadcastAnswer,
  },
  {
    method: 'post',
    path: '/broadcasts/{id}/start',
    summary: 'Go on air',
    body: StartBroadcast,
    answer: view.BroadcastAnswer,
  },
  {
    method: 'post',
    path: '/broadcasts/{id}/end',
    summary: 'End it, or cancel one that was not live',
    answer: view.BroadcastAnswer,
  },
  {
    method: 'post',
    path: '/broadcasts/{id}/host-token',
    summary: 'A token to publish with any LiveKit client',
    body: IssueHostToken,
    answer: view.HostTokenAnswer,
  },
  { method: 'put', path: '/broadcasts/{id}/scene', summary: 'Arrange the picture', body: SetScene, answer: Scene },
  {
    method: 'get',
    path: '/broadcasts/{id}/recording',
    summary: 'The recording',
    answer: view.RecordingAnswer,
    open: true,
  },
  {
    method: 'post',
    path: '/broadcasts/{id}/grants',
    summary: 'Let one viewer watch a broadcast that not everyone may',
    body: IssuePlaybackGrant,
    answer: view.GrantAnswer,
    status: 201,
  },
  {
    method: 'put',
    path: '/broadcasts/{id}/revoked/{viewer}',
    summary: 'Send a viewer away: every grant of theirs ends within 5 s',
    answer: null,
  },
  { method: 'delete', path: '/broadcasts/{id}/revoked/{viewer}', summary: 'Let a viewer back', answer: null },
  {
    method: 'post',
    path: '/broadcasts/{id}/unlock',
    summary: 'Watch a broadcast that asks for a password or a ticket; a pass spares both the next time',
    body: UnlockBroadcast,
    answer: Unlocked,
    open: true,
  },
  {
    method: 'get',
    path: '/broadcasts/{id}/tickets',
    summary: 'One-time links to a broadcast, oldest first',
    answer: view.listOf(TicketView),
  },
  {
    method: 'post',
    path: '/broadcasts/{id}/tickets',
    summary: 'Make one-time links: the first browser that opens one keeps it',
    body: MakeTickets,
    answer: view.listOf(TicketView),
    status: 201,
  },
  {
    method: 'delete',
    path: '/broadcasts/{id}/tickets/{ticket}',
    summary: 'Take a one-time link back: whoever watches by it is gone within 5 s',
    answer: null,
  },
  {
    method: 'get',
    path: '/broadcasts/{id}/quality',
    summary: 'How viewers fare: now, over the whole show, and minute by minute',
    answer: BroadcastQuality,
  },
  {
    method: 'post',
    path: '/broadcasts/{id}/seats',
    summary: 'Watch with the lowest delay, over WebRTC, while there are seats; the team first',
    body: TakeSeat,
    answer: view.SeatAnswer,
    status: 201,
    open: true,
  },
  {
    method: 'put',
    path: '/broadcasts/{id}/seats/{seat}',
    summary: 'Keep a seat',
    body: RenewSeat,
    answer: view.SeatRenewal,
    open: true,
  },
  {
    method: 'delete',
    path: '/broadcasts/{id}/seats/{seat}',
    summary: 'Give a seat back',
    answer: null,
    open: true,
  },
];

const BASE = '/api/v1';

/** The OpenAPI document, from the schemas that check the calls. @param origin of the pages, without a trailing slash */
export function openApiDocument(origin: string) {
  const registry = new OpenAPIRegistry();
  registry.registerComponent('securitySchemes', 'apiKey', { type: 'http', scheme: 'bearer' });
  for (const entry of CALLS) registry.registerPath(pathOf(entry));
  return new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: '3.1.0',
    info: { title: 'Openair', version: '1', description: 'Errors are { error: { code, message, field? } }.' },
    servers: [{ url: origin }],
  });
}

function pathOf({ method, path, summary, body, query, answer, status = 200, open = false }: Entry): RouteConfig {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '');
  const error = { description: 'Refused', content: { 'application/json': { schema: view.ErrorAnswer } } };
  const success: RouteConfig['responses'] =
    answer === null
      ? { 204: { description: 'Done' } }
      : { [status]: { description: 'Done', content: { 'application/json': { schema: answer } } } };
  return {
    method,
    path: `${BASE}${path}`,
    summary,
    security: open ? [] : [{ apiKey: [] }],
    request: {
      ...(names.length > 0 ? { params: z.object(Object.fromEntries(names.map((name) => [name, z.string()]))) } : {}),
      ...(query ? { query } : {}),
      ...(body ? { body: { content: { 'application/json': { schema: body } } } } : {}),
    },
    responses: { ...success, '4XX': error },
  };
}
