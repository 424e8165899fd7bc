import type { Visibility } from '#core/broadcast/broadcast';
import type { TicketView as OwnTicket } from '#core/broadcast/edit-tickets';
import type { IngestProtocol } from '#core/broadcast/news';
import type { ProblemCode } from '#core/broadcast/problems';
import type { PublicBroadcast, PublicChannel } from '#core/broadcast/public-views';
import type { BroadcastQuality } from '#core/broadcast/view-quality';
import type { EmbedRules } from '#core/channel/embed-rules';
import type { IngestNote } from '#core/ingest/ingest-note';
import type { IngestSettings, IngestSettingsChange } from '#core/ingest/ingest-settings';
import type { InputRecordingView as InputRecording } from '#core/ingest/input-recordings';
import type { SignalHealth } from '#core/ingest/signal-health';
import type { FeedNote } from '#core/playback/live-feed';
import type { Latency, Program } from '#core/scene/scene';
import { call } from '../api.ts';
import type { PictureWish } from './picture-choice.ts';

export type { InputRecording, OwnTicket };

/** A push to an outside platform as its owner sees it; the key is never told again. */
export type Destination = {
  id: string;
  name: string;
  kind: string;
  url: string;
  enabled: boolean;
  state: 'idle' | 'connecting' | 'pushing' | 'retrying' | 'failed' | 'stopped';
  /** One sentence, or a code with one. */
  lastError: string | { code?: string; sentence: string } | null;
  bitrateKbps?: number;
  droppedFrames?: number;
};

export type OutputState = { kind: string; state: string; detail?: string | null };

/** A broadcast with what only its owner is told. */
export type OwnBroadcast = PublicBroadcast & {
  startRequestedAt?: string | null;
  problem?: string | null;
  problemCode?: ProblemCode | null;
  engineNotes?: FeedNote[];
  autoStart?: boolean;
  program?: Program;
  latency?: Latency;
  outputs?: OutputState[];
  destinations?: Destination[];
};

export type IngestState = {
  state: 'idle' | 'connecting' | 'publishing' | 'failed';
  protocol: IngestProtocol | null;
  sentence: string;
  note?: IngestNote;
  atMs: number;
  health?: SignalHealth;
};

export type Ingest = {
  rtmp: { url: string; streamKey: string };
  whip: { url: string; bearerToken: string };
  /** Null where this server takes no SRT. */
  srt: { url: string } | null;
  settings: IngestSettings;
  status?: IngestState | null;
};

const channelPath = (handle: string) => `/channels/${encodeURIComponent(handle)}`;
const broadcastPath = (id: string) => `/broadcasts/${encodeURIComponent(id)}`;
const list = <T>(answer: T[] | { items: T[] }): T[] => (Array.isArray(answer) ? answer : answer.items);

export const calls = {
  createChannel: (handle: string, name: string) => call<PublicChannel>('POST', '/channels', { handle, name }),
  channel: (handle: string, signal?: AbortSignal) => call<PublicChannel>('GET', channelPath(handle), undefined, signal),
  broadcasts: async (handle: string, signal?: AbortSignal) =>
    list(
      await call<OwnBroadcast[] | { items: OwnBroadcast[] }>(
        'GET',
        `${channelPath(handle)}/broadcasts`,
        undefined,
        signal,
      ),
    ),
  createBroadcast: (
    handle: string,
    show: { title: string; visibility: Visibility; password?: string; autoStart?: boolean } & PictureWish,
  ) => call<OwnBroadcast>('POST', `${channelPath(handle)}/broadcasts`, show),
  broadcast: (id: string, signal?: AbortSignal) => call<OwnBroadcast>('GET', broadcastPath(id), undefined, signal),
  editBroadcast: (
    id: string,
    change: { title?: string; visibility?: Visibility; password?: string; autoStart?: boolean } & Partial<PictureWish>,
  ) => call<OwnBroadcast>('PATCH', broadcastPath(id), change),
  tickets: async (id: string) => list(await call<{ items: OwnTicket[] }>('GET', `${broadcastPath(id)}/tickets`)),
  makeTickets: (id: string, wish: { label: string; count: number }) =>
    call<{ items: OwnTicket[] }>('POST', `${broadcastPath(id)}/tickets`, wish),
  revokeTicket: (id: string, ticketId: string) =>
    call<void>('DELETE', `${broadcastPath(id)}/tickets/${encodeURIComponent(ticketId)}`),
  embedHosts: (handle: string, signal?: AbortSignal) =>
    call<EmbedRules>('GET', `${channelPath(handle)}/embed`, undefined, signal),
  setEmbedHosts: (handle: string, hosts: string[] | null) =>
    call<EmbedRules>('PUT', `${channelPath(handle)}/embed`, { hosts }),
  quality: (id: string, signal?: AbortSignal) =>
    call<BroadcastQuality>('GET', `${broadcastPath(id)}/quality`, undefined, signal),
  start: (id: string) => call<OwnBroadcast>('POST', `${broadcastPath(id)}/start`),
  end: (id: string) => call<OwnBroadcast>('POST', `${broadcastPath(id)}/end`),
  hostToken: (id: string, identity: string, name: string) =>
    call<{ livekitUrl: string; token: string }>('POST', `${broadcastPath(id)}/host-token`, { identity, name }),
  ingest: (handle: string, signal?: AbortSignal) =>
    call<Ingest>('GET', `${channelPath(handle)}/ingest`, undefined, signal),
  changeIngest: (handle: string, change: IngestSettingsChange) =>
    call<Ingest>('PATCH', `${channelPath(handle)}/ingest`, change),
  inputRecordings: async (handle: string, signal?: AbortSignal) =>
    list(await call<{ items: InputRecording[] }>('GET', `${channelPath(handle)}/ingest/recordings`, undefined, signal)),
  removeInputRecording: (handle: string, id: string) =>
    call<void>('DELETE', `${channelPath(handle)}/ingest/recordings/${encodeURIComponent(id)}`),
  rotateKey: (handle: string) => call<Ingest>('POST', `${channelPath(handle)}/ingest/rotate`),
  destinations: async (handle: string, signal?: AbortSignal) =>
    list(
      await call<Destination[] | { items: Destination[] }>(
        'GET',
        `${channelPath(handle)}/destinations`,
        undefined,
        signal,
      ),
    ),
  addDestination: (
    handle: string,
    body: { name: string; kind: string; url: string; streamKey: string; passphrase?: string; enabled: boolean },
  ) => call<Destination>('POST', `${channelPath(handle)}/destinations`, body),
  editDestination: (
    handle: string,
    id: string,
    body: Partial<{ name: string; url: string; streamKey: string; passphrase: string; enabled: boolean }>,
  ) => call<Destination>('PATCH', `${channelPath(handle)}/destinations/${encodeURIComponent(id)}`, body),
  removeDestination: (handle: string, id: string) =>
    call<void>('DELETE', `${channelPath(handle)}/destinations/${encodeURIComponent(id)}`),
};
