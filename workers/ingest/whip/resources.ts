import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { IngestTarget } from '../service/ports.ts';

/** One WHIP session: our own unguessable id, and where livekit-server keeps it. */
export type WhipResource = {
  id: string;
  target: IngestTarget;
  /** SHA-256 of the key that made it: only that key may change or end it. */
  keyHash: Buffer;
  /** Absolute URL at livekit-server. Never let out. */
  upstream: string;
  /** Participant sid of this session, once seen: a successor has the same identity and another sid. */
  participantSid: string | null;
  startedAtMs: number;
  isSeen: boolean;
  end(reason: string): void;
};

/** The sessions of this worker by id. */
export class WhipResources {
  private readonly byId = new Map<string, WhipResource>();

  static newId(): string {
    return randomBytes(24).toString('base64url');
  }

  add(resource: WhipResource): void {
    this.byId.set(resource.id, resource);
  }

  /** @returns null for an unknown id and for another's key alike */
  find(id: string, keyHash: Buffer): WhipResource | null {
    const resource = this.byId.get(id);
    return resource && timingSafeEqual(resource.keyHash, keyHash) ? resource : null;
  }

  remove(id: string): void {
    this.byId.delete(id);
  }

  all(): WhipResource[] {
    return [...this.byId.values()];
  }
}
