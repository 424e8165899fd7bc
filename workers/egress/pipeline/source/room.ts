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
import { parseRoomMetadata, type RoomMetadata } from '#core/scene/scene';
import { AudioTap, type Samples } from './audio-tap.ts';
import { VideoTap } from './video-tap.ts';

export type RoomPlan = {
  egressId: string;
  roomName: string;
  livekit: { url: string; apiKey: string; apiSecret: string };
};

/** One person as the compositor sees them. */
export type RoomPerson<Sink extends Samples> = {
  identity: string;
  name: string;
  camera: boolean;
  screen: boolean;
  sound: boolean;
  cameraTap: VideoTap | null;
  screenTap: VideoTap | null;
  sounds: Sink[];
};

export type RoomView<Sink extends Samples> = {
  version: number;
  people: RoomPerson<Sink>[];
  activeSpeaker: string | null;
  metadata: RoomMetadata | null;
};

type Events = {
  /** The room was deleted: nothing to come back to. */
  onDeleted(): void;
  /** First picture or change of the scene, for the log. */
  onScene(metadata: RoomMetadata): void;
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
  readonly #newSink: () => Sink;
  readonly #events: Events;
  readonly #log: Logger;
  readonly #videos = new Map<string, VideoTap>();
  readonly #sounds = new Map<string, { tap: AudioTap; sink: Sink }>();
  #room: Room | null = null;
  #metadata: RoomMetadata | null = null;
  #activeSpeaker: string | null = null;
  #closed = false;
  #attempt = 0;
  #wake: (() => void) | null = null;
  #view: RoomView<Sink> = { version: 0, people: [], activeSpeaker: null, metadata: null };

  constructor(plan: RoomPlan, newSink: () => Sink, events: Events, log: Logger) {
    this.#plan = plan;
    this.#newSink = newSink;
    this.#events = events;
    this.#log = log;
  }

  view(): RoomView<Sink> {
    return this.#view;
  }

  /** Joins and stays; returns at once. */
  open(): void {
    void this.#stay();
  }

  async close(): Promise<void> {
    this.#closed = true;
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
    const room = new Room();
    this.#room = room;
    const gone = new Promise<DisconnectReason>((resolve) => room.once(RoomEvent.Disconnected, resolve));
    this.#listen(room);
    const joined = room.connect(this.#plan.livekit.url, await this.#token(), { autoSubscribe: true, dynacast: false });
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
    room.on(RoomEvent.TrackSubscribed, (track, publication) => this.#tap(track, publication));
    room.on(RoomEvent.TrackUnsubscribed, (_track, publication) => this.#untap(publication.sid));
    room.on(RoomEvent.TrackUnpublished, (publication) => this.#untap(publication.sid));
    room.on(RoomEvent.ParticipantDisconnected, (person) => {
      for (const publication of person.trackPublications.values()) this.#untap(publication.sid);
      this.#refresh();
    });
    for (const event of [
      RoomEvent.ParticipantConnected,
      RoomEvent.TrackPublished,
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
    room.on(RoomEvent.ActiveSpeakersChanged, (speakers) => {
      const [loudest] = speakers;
      if (!loudest) return; // who spoke last stays large
      this.#activeSpeaker = loudest.identity;
      this.#refresh();
    });
  }

  #tap(track: RemoteTrack, publication: RemoteTrackPublication): void {
    const { sid } = publication;
    if (!sid || this.#closed) return;
    this.#untap(sid);
    if (track.kind === TrackKind.KIND_VIDEO) this.#videos.set(sid, new VideoTap(track, () => this.#refresh()));
    else {
      const sink = this.#newSink();
      this.#sounds.set(sid, { tap: new AudioTap(track, sink), sink });
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
    this.#room = null;
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
    const people = [...(this.#room?.remoteParticipants.values() ?? [])]
      .filter((person) => person.kind !== ParticipantKind.EGRESS && person.identity !== this.#plan.egressId)
      .map((person) => this.#person(person));
    const { version } = this.#view;
    this.#view = { version: version + 1, people, activeSpeaker: this.#activeSpeaker, metadata: this.#metadata };
  }

  #person(participant: RemoteParticipant): RoomPerson<Sink> {
    const person: RoomPerson<Sink> = {
      identity: participant.identity,
      name: participant.name ?? '',
      camera: false,
      screen: false,
      sound: false,
      cameraTap: null,
      screenTap: null,
      sounds: [],
    };
    for (const publication of participant.trackPublications.values()) {
      if (publication.kind === TrackKind.KIND_VIDEO) this.#addPicture(person, publication);
      else {
        person.sound = true;
        const sound = this.#sounds.get(publication.sid ?? '');
        if (sound && !publication.muted) person.sounds.push(sound.sink);
      }
    }
    return person;
  }

  /** Of two cameras the one that gives pictures counts, else the newer. */
  #addPicture(person: RoomPerson<Sink>, publication: RemoteTrackPublication): void {
    if (publication.muted) return;
    const tap = this.#videos.get(publication.sid ?? '') ?? null;
    if (publication.source === TrackSource.SOURCE_SCREENSHARE) {
      person.screen = true;
      if (!person.screenTap?.frames || tap?.frames) person.screenTap = tap;
    } else {
      person.camera = true;
      if (!person.cameraTap?.frames || tap?.frames) person.cameraTap = tap;
    }
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
