import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Logger } from 'pino';
import type { IngestReport, IngestReports, IngestTarget, IngressCommands, KeyLookup } from '../service/ports.ts';
import { LOOK_UP_FAILED, WRONG_KEY } from '../supervise/live-ingests.ts';
import { type Occupancy, TAKEN_OVER } from '../supervise/occupancy.ts';
import { watchPresence } from '../supervise/presence.ts';
import type { Presence, RoomService } from '../supervise/room-service.ts';
import { NONE, said } from '../supervise/sentences.ts';
import { takeLargestLayer } from './one-layer.ts';
import { WhipRefusal } from './read-request.ts';
import { type WhipResource, WhipResources } from './resources.ts';
import { askUpstream, refusalOf, type UpstreamAnswer } from './upstream.ts';

const TOO_LATE = 'Another encoder took this stream key over while this one was connecting.';
const NO_MEDIA = said(
  'no-media-connection',
  'The WHIP encoder could not connect its media: check its network and firewall (UDP).',
);
/** ICE and DTLS have this long to bring the participant into the room, ms. */
const CONNECT_WITHIN_MS = 20_000;

export type WhipDeps = {
  keys: KeyLookup;
  reports: IngestReports;
  commands: IngressCommands;
  rooms: RoomService;
  occupancy: Occupancy;
  log: Logger;
  /** Between looks at the participant, ms; shorter in tests. */
  lookEveryMs?: number;
};

type Caller = { streamKey: string; address: string; agent: string };

/**
 * WHIP needs no media process: the signalling is checked and forwarded, the media flows between the encoder and livekit-server. What
 * the session is doing is seen at its participant.
 */
export class WhipSessions {
  private readonly resources = new WhipResources();
  private readonly current = new Map<string, IngestReport>();

  constructor(private readonly deps: WhipDeps) {}

  /** @returns answer of livekit-server and our id of the session @throws WhipRefusal */
  async open(
    caller: Caller,
    offer: Buffer,
    headers: IncomingHttpHeaders,
  ): Promise<{ id: string; answer: UpstreamAnswer }> {
    const target = await this.requireTarget(caller);
    const { rooms, occupancy, log } = this.deps;
    const resource: WhipResource = {
      id: WhipResources.newId(),
      target,
      keyHash: hashKey(caller.streamKey),
      upstream: '',
      participantSid: null,
      startedAtMs: performance.now(),
      isSeen: false,
      end: () => undefined,
    };
    let isOpen = true;
    const holder = { isAlive: () => isOpen, end: (reason: string) => resource.end(reason) };
    resource.end = () => {
      isOpen = false;
    };
    const { secondEncoder } = target;
    const refusal = occupancy.take(target.ingressId, holder, { secondEncoder });
    if (refusal !== null) throw new WhipRefusal(409, refusal, { 'retry-after': '10' });
    try {
      const joinToken = await rooms.makeJoinToken(target);
      const answer = await askUpstream({ method: 'POST', url: rooms.whipUrl, joinToken, headers, body: offer });
      if (answer.status !== 201 || answer.location === null) throw refusalOf(answer.status);
      resource.upstream = answer.location;
      if (!isOpen) {
        // Taken over while LiveKit was asked.
        void this.leave(resource);
        throw new WhipRefusal(409, TOO_LATE, { 'retry-after': '10' });
      }
      this.begin(resource, caller, () => {
        isOpen = false;
        occupancy.release(target.ingressId, holder);
      });
      const body = Buffer.from(takeLargestLayer(answer.body.toString()));
      return { id: resource.id, answer: { ...answer, body } };
    } catch (error) {
      const wasOpen = isOpen;
      isOpen = false;
      occupancy.release(target.ingressId, holder);
      const sentence = error instanceof WhipRefusal ? error.sentence : 'The WHIP session could not be opened.';
      // Whoever took over reports for itself.
      if (wasOpen) this.report(target, { state: 'failed', sentence, error: sentence });
      log.warn({ ingressId: target.ingressId, address: caller.address, reason: sentence }, 'whip: refused by LiveKit');
      throw error;
    }
  }

  /** Trickle ICE or ICE restart. @throws WhipRefusal */
  async patch(caller: Caller, id: string, body: Buffer, headers: IncomingHttpHeaders): Promise<UpstreamAnswer> {
    const resource = this.requireResource(caller, id);
    const joinToken = await this.deps.rooms.makeJoinToken(resource.target);
    const answer = await askUpstream({ method: 'PATCH', url: resource.upstream, joinToken, headers, body });
    if (answer.status >= 300) throw refusalOf(answer.status);
    return answer;
  }

  /** @throws WhipRefusal when it is not the caller's */
  async remove(caller: Caller, id: string): Promise<void> {
    const resource = this.requireResource(caller, id);
    resource.end('the encoder stopped');
  }

  describe(): object[] {
    return this.resources.all().map((resource) => ({
      ingressId: resource.target.ingressId,
      room: resource.target.roomName,
      protocol: 'whip',
      state: this.current.get(resource.id)?.state ?? 'connecting',
      seconds: Math.round((performance.now() - resource.startedAtMs) / 1000),
    }));
  }

  /** Ends all sessions, at livekit-server too. */
  async close(): Promise<void> {
    const all = this.resources.all();
    for (const resource of all) resource.end('the server is being restarted');
    await Promise.allSettled([...this.leaving]);
  }

  private readonly leaving = new Set<Promise<void>>();

  private async requireTarget(caller: Caller): Promise<IngestTarget> {
    const { streamKey, address } = caller;
    const target = await this.deps.keys.resolve({ streamKey, protocol: 'whip', address });
    if (target === 'unavailable') throw new WhipRefusal(503, LOOK_UP_FAILED, { 'retry-after': '3' });
    if (target === 'unknown') {
      throw new WhipRefusal(401, WRONG_KEY, { 'www-authenticate': 'Bearer error="invalid_token"' });
    }
    if ('refused' in target) throw new WhipRefusal(403, target.refused);
    return target;
  }

  private requireResource(caller: Caller, id: string): WhipResource {
    const resource = this.resources.find(id, hashKey(caller.streamKey));
    if (!resource) throw new WhipRefusal(404, 'This session does not exist, or belongs to another stream key.');
    return resource;
  }

  private begin(resource: WhipResource, caller: Caller, release: () => void): void {
    const { rooms, log, commands } = this.deps;
    const { target } = resource;
    this.resources.add(resource);
    this.report(target, { state: 'connecting', ...said('connecting', 'A WHIP encoder is connecting.') }, resource.id);
    const serving = commands.serve(target.ingressId, {
      end: (why) => {
        resource.end(why === 'deleted' ? 'the ingress was deleted' : 'the stream key or its settings changed');
        return this.deps.reports.told(target.ingressId);
      },
      current: () => this.current.get(resource.id) ?? { state: 'idle', protocol: 'whip', sentence: '' },
    });
    serving.catch((error: unknown) =>
      log.warn({ err: error, ingressId: target.ingressId }, 'whip: LiveKit cannot command it'),
    );
    const stopLooking = watchPresence({
      look: async () => {
        const presence = await rooms.getPresence(target);
        return presence && this.isOurs(resource, presence) ? presence : null;
      },
      isExpected: () => resource.isSeen || performance.now() - resource.startedAtMs > CONNECT_WITHIN_MS,
      onSeen: (presence) => this.seen(resource, presence, caller),
      onLost: () => resource.end(resource.isSeen ? 'the encoder left' : 'no media connection came about'),
      everyMs: this.deps.lookEveryMs ?? 1_500,
      looksBefore: true,
    });
    let isOver = false;
    resource.end = (reason) => {
      if (isOver) return;
      isOver = true;
      stopLooking();
      release();
      this.resources.remove(resource.id);
      serving.then((stop) => stop()).catch(() => undefined);
      const isFailed = !resource.isSeen && reason === 'no media connection came about';
      const words = isFailed ? NO_MEDIA : NONE;
      // A successor reports for itself.
      if (reason !== TAKEN_OVER) {
        const error = isFailed ? words.sentence : undefined;
        this.report(target, { state: isFailed ? 'failed' : 'idle', ...words, error });
      }
      this.current.delete(resource.id);
      const seconds = Math.round((performance.now() - resource.startedAtMs) / 1000);
      const facts = { ingressId: target.ingressId, address: caller.address, agent: caller.agent, seconds, reason };
      log.info(facts, `whip: over: ${reason}`);
      const left = this.leave(resource).finally(() => this.leaving.delete(left));
      this.leaving.add(left);
    };
  }

  private isOurs(resource: WhipResource, presence: Presence): boolean {
    if (resource.participantSid === null) resource.participantSid = presence.sid;
    return resource.participantSid === presence.sid;
  }

  private seen(resource: WhipResource, presence: Presence, caller: Caller): void {
    const video = presence.tracks.find((track) => track.kind === 'video');
    const audio = presence.tracks.find((track) => track.kind === 'audio');
    resource.isSeen = true;
    if (!video && !audio) return;
    const size = video && video.width > 0 ? `: ${video.width}x${video.height}` : '';
    const missing = !video ? ', sound only' : !audio ? ', no sound' : '';
    const name = /obs/i.test(caller.agent) ? 'OBS' : 'A WHIP encoder';
    const words = said('publishing', `${name} is connected${size}, passed on as it is${missing}.`, {
      ...{
        encoder: name === 'OBS' ? name : 'none',
        size: size ? `${video?.width}×${video?.height}` : 'none',
        number: 0,
        rate: 0,
      },
      ...{ picture: video ? 'copy' : 'none', sound: audio ? 'yes' : 'no', standby: 'no' },
    });
    this.report(
      resource.target,
      {
        state: 'publishing',
        ...words,
        video: video
          ? { mimeType: video.mimeType, width: video.width, height: video.height, fps: 0, bitrateKbps: 0 }
          : null,
        audio: audio ? { mimeType: audio.mimeType, channels: 2, sampleRate: 48_000, bitrateKbps: 0 } : null,
      },
      resource.id,
    );
  }

  private report(target: IngestTarget, report: Omit<IngestReport, 'protocol'>, id?: string): void {
    const full: IngestReport = { ...report, protocol: 'whip' };
    const before = id === undefined ? undefined : this.current.get(id);
    if (id !== undefined) this.current.set(id, full);
    if (before?.state === full.state && before.sentence === full.sentence) return;
    this.deps.reports.report(target, full);
  }

  private async leave(resource: WhipResource): Promise<void> {
    try {
      const joinToken = await this.deps.rooms.makeJoinToken(resource.target);
      await askUpstream({ method: 'DELETE', url: resource.upstream, joinToken, headers: {} });
    } catch {
      // LiveKit ends the session itself when its media stops.
    }
  }
}

function hashKey(streamKey: string): Buffer {
  return createHash('sha256').update(streamKey).digest();
}
