import {
  DisconnectReason,
  ParticipantKind,
  type RemoteParticipant,
  type RemoteTrack,
  type RemoteTrackPublication,
  Room,
  RoomEvent,
  TrackKind,
  TrackSource,
} from '@livekit/rtc-node';
import { AccessToken } from 'livekit-server-sdk';
import type { Logger } from 'pino';
import { layoutWishOf } from '#core/scene/layout-names';
import { parseRoomMetadata, type RoomMetadata } from '#core/scene/scene';
import type { Channel } from '../../plan.ts';
import { AudioTap, type Samples } from './audio-tap.ts';
import { askForSize, type Drawn, LayerWishes } from './layer-wish.ts';
import { Presence } from './presence.ts';
import { peopleOf, type RoomView } from './room-view.ts';
import { VideoTap } from './video-tap.ts';
import { channelOf, isOneSeat, isWanted, type RoomWanted } from './wanted.ts';

export type RoomPlan = {
  egressId: string;
  roomName: string;
  /** What of the room is received; the rest is neither subscribed to nor in the view. */
  wanted: RoomWanted;
  /** How people are kept apart in stereo; absent = everybody on both channels. */
  apart?: 'agents' | 'alternate';
  livekit: { url: string; apiKey: string; apiSecret: string };
};

type Events = {
  /** The room was deleted: nothing to come back to. */
  onDeleted(): void;
  /** First picture or change of the scene, for the log. */
  onScene(metadata: RoomMetadata): void;
  /** UpdateLayout was called for this egress. @param name as the caller wrote it */
  onLayout(name: string): void;
  /** What was asked for has left the room for good. Never for a whole room: its picture goes on with nobody in it. */
  onGone(): void;
  /** What was asked for never came; `what` names it for people. */
  onMissing(what: string): void;
};

/** What touches the native library, so that tests can do without it. */
export type RoomParts<Sink extends Samples> = {
  room(): Room;
  video(track: RemoteTrack, onFirst: () => void): VideoTap;
  audio(track: RemoteTrack, sink: Sink): AudioTap;
  /** Asks for the simulcast layer of this size. */
  ask(publication: RemoteTrackPublication, size: { width: number; height: number }): boolean;
};

const NATIVE: RoomParts<Samples> = {
  room: () => new Room(),
  video: (track, onFirst) => new VideoTap(track, onFirst),
  audio: (track, sink) => new AudioTap(track, sink),
  ask: askForSize,
};

const CONNECT_LIMIT_MS = 10_000;
const BACK_OFF_MS = [200, 500, 1000, 2000];
const TOKEN_S = 6 * 3600;

/**
 * Our seat in the LiveKit room: hidden, receiving only. Keeps one tap a track, follows people coming and going, and joins again with
 * a fresh token after any disconnect until it is closed (DR-13).
 */
export class RoomSource<Sink extends Samples> {
  readonly #plan: RoomPlan;
  readonly #newSink: (channel: Channel) => Sink;
  /** Sound tracks so far. */
  #turn = 0;
  readonly #events: Events;
  readonly #log: Logger;
  readonly #parts: RoomParts<Sink>;
  readonly #presence: Presence;
  readonly #layers: LayerWishes<RemoteTrackPublication>;
  readonly #videos = new Map<string, VideoTap>();
  readonly #sounds = new Map<string, { tap: AudioTap; sink: Sink }>();
  #room: Room | null = null;
  #metadata: RoomMetadata | null = null;
  #activeSpeaker: string | null = null;
  #closed = false;
  #joined = false;
  #attempt = 0;
  #wake: (() => void) | null = null;
  #view: RoomView<Sink> = { version: 0, people: [], activeSpeaker: null, metadata: null };

  constructor(
    plan: RoomPlan,
    newSink: (channel: Channel) => Sink,
    events: Events,
    log: Logger,
    parts: RoomParts<Sink> = NATIVE,
  ) {
    this.#plan = plan;
    this.#parts = parts;
    this.#layers = new LayerWishes((publication, size) => parts.ask(publication, size));
    this.#presence = new Presence(plan.wanted, events);
    this.#newSink = newSink;
    this.#events = events;
    this.#log = log;
  }

  view(): RoomView<Sink> {
    return this.#view;
  }

  /**
   * Tells what is drawn just now, so that LiveKit sends layers of that size; called twice a second at most. Named tracks are asked for by
   * the box of their kind, whoever owns them.
   */
  setDrawn(boxes: readonly Drawn[], nowMs: number): void {
    const { wanted } = this.#plan;
    for (const person of this.#room?.remoteParticipants.values() ?? []) {
      for (const publication of person.trackPublications.values()) {
        const sid = publication.sid ?? '';
        if (!this.#videos.has(sid) || !publication.simulcasted) continue;
        const source = publication.source === TrackSource.SOURCE_SCREENSHARE ? 'screen' : 'camera';
        const own = boxes.filter(
          (box) => box.source === source && (isOneSeat(wanted) || box.identity === person.identity),
        );
        const largest = own.reduce<Drawn | null>(
          (a, b) => (a && a.width * a.height >= b.width * b.height ? a : b),
          null,
        );
        this.#layers.wish(sid, publication, largest, nowMs);
      }
    }
    this.#layers.keep(new Set(this.#videos.keys()));
  }

  /** Joins and stays; returns at once. */
  open(): void {
    void this.#stay();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#presence.close();
    this.#wake?.();
    const room = this.#room;
    this.#leave();
    await room?.disconnect().catch(() => {});
  }

  async #stay(): Promise<void> {
    while (!this.#closed) {
      try {
        const gone = await this.#join();
        this.#attempt = 0;
        const reason = await gone;
        this.#leave();
        if (this.#closed) return;
        this.#log.warn({ reason: DisconnectReason[reason] }, 'lost the room, joining again');
        if (reason === DisconnectReason.ROOM_DELETED) return this.#events.onDeleted();
      } catch (error) {
        this.#leave();
        if (this.#closed) return;
        this.#log.warn({ err: String(error) }, 'cannot join the room');
      }
      await this.#pause(BACK_OFF_MS[Math.min(this.#attempt++, BACK_OFF_MS.length - 1)] ?? 2000);
    }
  }

  /** Joins once; gives a promise of the end of that stay. */
  async #join(): Promise<Promise<DisconnectReason>> {
    const room = this.#parts.room();
    this.#room = room;
    const gone = new Promise<DisconnectReason>((resolve) => room.once(RoomEvent.Disconnected, resolve));
    this.#listen(room);
    const autoSubscribe = this.#plan.wanted.kind === 'room';
    const joined = room.connect(this.#plan.livekit.url, await this.#token(), { autoSubscribe, dynacast: false });
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error('no answer from LiveKit in 10 s')), CONNECT_LIMIT_MS);
    });
    try {
      await Promise.race([joined, limit]);
    } catch (error) {
      joined.then(() => room.disconnect()).catch(() => {});
      throw error;
    } finally {
      clearTimeout(timer);
    }
    if (this.#closed) {
      await room.disconnect().catch(() => {});
      throw new Error('closed while joining');
    }
    this.#readMetadata(room.metadata);
    this.#joined = true;
    for (const person of room.remoteParticipants.values()) {
      for (const publication of person.trackPublications.values()) this.#subscribe(publication, person);
    }
    this.#refresh();
    this.#log.info({ room: this.#plan.roomName, people: room.remoteParticipants.size }, 'joined the room');
    return gone;
  }

  #token(): Promise<string> {
    const { apiKey, apiSecret } = this.#plan.livekit;
    const token = new AccessToken(apiKey, apiSecret, { identity: this.#plan.egressId, ttl: TOKEN_S });
    token.kind = 'egress';
    token.addGrant({
      room: this.#plan.roomName,
      roomJoin: true,
      hidden: true,
      recorder: true,
      canSubscribe: true,
      canPublish: false,
      canPublishData: false,
    });
    return token.toJwt();
  }

  #listen(room: Room): void {
    const refresh = () => this.#refresh();
    room.on(RoomEvent.TrackPublished, (publication, person) => {
      this.#subscribe(publication, person);
      this.#refresh();
    });
    room.on(RoomEvent.TrackSubscribed, (track, publication, person) => this.#tap(track, publication, person));
    room.on(RoomEvent.TrackUnsubscribed, (_track, publication) => this.#untap(publication.sid));
    room.on(RoomEvent.TrackUnpublished, (publication) => this.#untap(publication.sid));
    room.on(RoomEvent.ParticipantDisconnected, (person) => {
      for (const publication of person.trackPublications.values()) this.#untap(publication.sid);
      this.#refresh();
    });
    for (const event of [
      RoomEvent.ParticipantConnected,
      RoomEvent.TrackMuted,
      RoomEvent.TrackUnmuted,
      RoomEvent.ParticipantNameChanged,
      RoomEvent.Reconnected,
    ] as const) {
      room.on(event, refresh);
    }
    room.on(RoomEvent.RoomMetadataChanged, (text) => {
      this.#readMetadata(text);
      this.#refresh();
    });
    room.on(RoomEvent.ParticipantMetadataChanged, (text, person) => {
      // LiveKit brings UpdateLayout as metadata of ours.
      const layout = person.identity === this.#plan.egressId ? layoutWishOf(text) : null;
      if (layout !== null) this.#events.onLayout(layout);
    });
    room.on(RoomEvent.ActiveSpeakersChanged, (speakers) => {
      const [loudest] = speakers;
      this.#activeSpeaker = loudest?.identity ?? null; // the stage decides who stays large in silence
      this.#refresh();
    });
  }

  /** A whole room is subscribed to by LiveKit itself. */
  #subscribe(publication: RemoteTrackPublication, person: RemoteParticipant | undefined): void {
    const { wanted } = this.#plan;
    if (wanted.kind === 'room' || !person || !isWanted(wanted, person, publication)) return;
    publication.setSubscribed(true);
  }

  #tap(track: RemoteTrack, publication: RemoteTrackPublication, owner: RemoteParticipant): void {
    const { sid } = publication;
    if (!sid || this.#closed) return;
    this.#untap(sid);
    if (track.kind === TrackKind.KIND_VIDEO)
      this.#videos.set(
        sid,
        this.#parts.video(track, () => this.#refresh()),
      );
    else {
      const { wanted, apart } = this.#plan;
      const sink = this.#newSink(channelOf(wanted, apart, { owner, track: publication, turn: this.#turn++ }));
      this.#sounds.set(sid, { tap: this.#parts.audio(track, sink), sink });
    }
    this.#refresh();
  }

  #untap(sid: string | undefined): void {
    if (!sid) return;
    this.#videos.get(sid)?.close();
    this.#videos.delete(sid);
    this.#sounds.get(sid)?.tap.close();
    this.#sounds.delete(sid);
    this.#refresh();
  }

  #leave(): void {
    // What a room that is left still tells would take away what the next one gives: tracks keep their ids.
    this.#room?.removeAllListeners();
    this.#room = null;
    this.#joined = false;
    for (const sid of [...this.#videos.keys(), ...this.#sounds.keys()]) this.#untap(sid);
    this.#refresh();
  }

  #readMetadata(text: string | undefined): void {
    const read = parseRoomMetadata(text);
    if (!read) {
      if (text) this.#log.warn('the scene in the room cannot be read, the last good one stays');
      return;
    }
    this.#metadata = read;
    this.#events.onScene(read);
  }

  #refresh(): void {
    const { wanted, egressId } = this.#plan;
    const there = [...(this.#room?.remoteParticipants.values() ?? [])].filter(
      (person) => person.kind !== ParticipantKind.EGRESS && person.identity !== egressId,
    );
    if (this.#joined) this.#presence.see(there);
    else this.#presence.unsure();
    const people = peopleOf<Sink>(there, wanted, {
      video: (sid) => this.#videos.get(sid) ?? null,
      sound: (sid) => this.#sounds.get(sid)?.sink ?? null,
    });
    const { version } = this.#view;
    this.#view = { version: version + 1, people, activeSpeaker: this.#activeSpeaker, metadata: this.#metadata };
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
