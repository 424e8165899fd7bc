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
import type { FeedNote } from '#core/playback/live-feed';
import { layoutWishOf } from '#core/scene/layout-names';
import { parseRoomMetadata, type RoomMetadata, unreadableField } from '#core/scene/scene';
import type { Channel, TappedTrack } from '../../plan.ts';
import { forgetRoom } from '../forget-room.ts';
import { AudioTap, type Samples } from './audio-tap.ts';
import { askForSize, type Drawn, LayerWishes } from './layer-wish.ts';
import { Presence } from './presence.ts';
import { joinedAt, peopleOf, type RoomView } from './room-view.ts';
import { MAX_PICTURES, pictureKey, Subscriptions } from './subscriptions.ts';
import { VideoTap } from './video-tap.ts';
import { channelOf, isOneSeat, type RoomWanted } from './wanted.ts';

export type RoomPlan = {
  egressId: string;
  roomName: string;
  /** What of the room is received; the rest is neither subscribed to nor in the view. */
  wanted: RoomWanted;
  /** How people are kept apart in stereo; absent = everybody on both channels. */
  apart?: 'agents' | 'alternate';
  livekit: { url: string; apiKey: string; apiSecret: string };
  /** Never received: what earlier processes crashed on. */
  leftOut?: readonly TappedTrack[];
};

type Events = {
  /** Before anything native touches a track. */
  onTap(track: TappedTrack): void;
  onUntap(sid: string): void;
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
  readonly #subscriptions: Subscriptions;
  #drawn: ReadonlySet<string> = new Set();
  readonly #videos = new Map<string, VideoTap>();
  readonly #sounds = new Map<string, { tap: AudioTap; sink: Sink }>();
  #room: Room | null = null;
  #metadata: RoomMetadata | null = null;
  /** What of the room's metadata is wrong; null = nothing. */
  #unreadable: string | null = null;
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
    this.#subscriptions = new Subscriptions(plan.wanted, new Set(plan.leftOut?.map(({ sid }) => sid)));
    this.#newSink = newSink;
    this.#events = events;
    this.#log = log;
  }

  view(): RoomView<Sink> {
    return this.#view;
  }

  /** What of the room is not received or cannot be read, for people. */
  notes(): FeedNote[] {
    const leftOut = (this.#plan.leftOut ?? []).filter(({ sid, identity }) =>
      this.#room?.remoteParticipants.get(identity)?.trackPublications.has(sid),
    );
    const { beyond } = this.#subscriptions;
    return [
      ...leftOut.map(({ identity, picture }) => ({ code: 'left-out' as const, identity, picture })),
      ...(beyond === null ? [] : [{ code: 'pictures-capped' as const, most: MAX_PICTURES, of: beyond }]),
      ...(this.#unreadable === null ? [] : [{ code: 'scene-unreadable' as const, field: this.#unreadable }]),
    ];
  }

  /**
   * Tells what is drawn just now, so that LiveKit sends layers of that size; called twice a second at most. Named tracks are asked for by
   * the box of their kind, whoever owns them.
   */
  setDrawn(boxes: readonly Drawn[], nowMs: number): void {
    const { wanted } = this.#plan;
    this.#drawn = new Set(boxes.map(({ identity, source }) => pictureKey(identity, source)));
    this.#choose();
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
    const joined = room.connect(this.#plan.livekit.url, await this.#token(), { autoSubscribe: false, dynacast: false });
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
    room.on(RoomEvent.TrackSubscribed, (track, publication, person) => this.#tap(track, publication, person));
    room.on(RoomEvent.TrackUnsubscribed, (_track, publication) => this.#untap(publication.sid));
    room.on(RoomEvent.TrackUnpublished, (publication) => this.#untap(publication.sid));
    room.on(RoomEvent.ParticipantDisconnected, (person) => {
      for (const publication of person.trackPublications.values()) this.#untap(publication.sid);
      this.#refresh();
    });
    for (const event of [
      RoomEvent.TrackPublished,
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

  /** Once joined: what is told before is asked for then. */
  #choose(): void {
    if (!this.#joined) return;
    for (const sid of this.#subscriptions.choose(this.#there(), this.#drawn)) this.#release(sid);
  }

  #tap(track: RemoteTrack, publication: RemoteTrackPublication, owner: RemoteParticipant): void {
    const { sid } = publication;
    // What is let go of may still come, when the two cross on the way.
    if (!sid || this.#closed || !this.#subscriptions.has(sid)) return;
    this.#release(sid);
    const picture = track.kind === TrackKind.KIND_VIDEO;
    this.#events.onTap({ sid, identity: owner.identity, picture });
    if (picture)
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
    this.#release(sid);
    this.#refresh();
  }

  #release(sid: string): void {
    const tap = this.#videos.get(sid) ?? this.#sounds.get(sid)?.tap;
    if (!tap) return;
    tap.close();
    this.#videos.delete(sid);
    this.#sounds.delete(sid);
    this.#events.onUntap(sid);
  }

  #leave(): void {
    // What a room that is left still tells would take away what the next one gives: tracks keep their ids.
    this.#room?.removeAllListeners();
    if (this.#room && !this.#room.isConnected) forgetRoom(this.#room);
    this.#room = null;
    this.#joined = false;
    for (const sid of [...this.#videos.keys(), ...this.#sounds.keys()]) this.#release(sid);
    this.#subscriptions.clear();
    this.#refresh();
  }

  #readMetadata(text: string | undefined): void {
    const read = parseRoomMetadata(text);
    this.#unreadable = unreadableField(text);
    if (this.#unreadable !== null) {
      this.#log.warn({ field: this.#unreadable }, 'the scene in the room cannot be read, the last good one stays');
    }
    if (!read) return;
    this.#metadata = read;
    this.#events.onScene(read);
  }

  #refresh(): void {
    const { wanted } = this.#plan;
    const there = this.#there();
    if (this.#joined) this.#presence.see(there);
    else this.#presence.unsure();
    this.#choose();
    const people = peopleOf<Sink>(there, wanted, {
      video: (sid) => this.#videos.get(sid) ?? null,
      sound: (sid) => this.#sounds.get(sid)?.sink ?? null,
    });
    const { version } = this.#view;
    this.#view = { version: version + 1, people, activeSpeaker: this.#activeSpeaker, metadata: this.#metadata };
  }

  /** Everybody but recorders, in the order in which they joined. */
  #there(): RemoteParticipant[] {
    return [...(this.#room?.remoteParticipants.values() ?? [])]
      .filter(({ kind, identity }) => kind !== ParticipantKind.EGRESS && identity !== this.#plan.egressId)
      .sort((a, b) => joinedAt(a) - joinedAt(b));
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
