/** What is to be made of a room: one egress a broadcast. */
export type EgressPlan = {
  broadcastId: string;
  channelId: string;
  playbackId: string;
  /** Full URLs with keys; they leave this process only towards LiveKit. */
  pushUrls: readonly string[];
};

/** One egress as LiveKit reports it. An egress id is an attempt, never the broadcast. */
export type EgressSeen = {
  egressId: string;
  channelId: string;
  /** From the storage prefix; null for an egress that is not ours. */
  playbackId: string | null;
  state: 'starting' | 'active' | 'ending' | 'complete' | 'failed';
  /** For logs; masked by the engine. */
  error: string | null;
  startedAt: Date | null;
};

/** Port: runs egresses. Each call may be repeated. */
export type EgressRunner = {
  /** @throws AppError 'egress-refused' with the reason in words; 'livekit-unavailable' */
  start(plan: EgressPlan): Promise<string>;
  /** Stopping what has ended is fine. */
  stop(egressId: string): Promise<void>;
  /** Adds and removes pushes of a running egress; adding one twice is one. */
  updatePushes(egressId: string, change: { add: readonly string[]; remove: readonly string[] }): Promise<void>;
  /** All that LiveKit remembers of these rooms, or of all rooms; ended ones for 24 hours. */
  find(channelId?: string): Promise<EgressSeen[]>;
};

/** True while it may still write. */
export function isRunning(egress: Pick<EgressSeen, 'state'>): boolean {
  return egress.state === 'starting' || egress.state === 'active' || egress.state === 'ending';
}
