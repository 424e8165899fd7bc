import type { Logger } from 'pino';
import type { FeedNote } from '#core/playback/live-feed';
import type { EgressPlan, EndCause, FromPipeline, TappedTrack } from '../plan.ts';
import { resolveTarget } from '../target.ts';
import type { StageView } from './compose/inputs.ts';
import { SoundLine } from './compose/sound-line.ts';
import { PageSource } from './source/page/page-source.ts';
import { RoomSource } from './source/room.ts';
import type { RoomView } from './source/room-view.ts';

/** Where picture and sound of the program come from. */
export type ProgramSource = {
  view(): StageView<SoundLine>;
  setDrawn: RoomSource<SoundLine>['setDrawn'];
  notes(): FeedNote[];
  open(): void;
  /** Outputs begin when it resolves; never when it was closed before. */
  ready(): Promise<void>;
  close(): Promise<void>;
};

export type SourceEvents = {
  onScene(metadata: NonNullable<RoomView<SoundLine>['metadata']>): void;
  /** A track is about to be received, or was let go of. */
  hand(message: Extract<FromPipeline, { t: 'tap' | 'untap' }>): void;
  /** UpdateLayout was called. */
  onLayout(name: string): void;
  ended(cause: EndCause, error: string | null): void;
};

/** The source a plan names: a LiveKit room (all of it, one person, single tracks), or a page in Chromium. */
export function openSource(
  plan: EgressPlan,
  { onScene, onLayout, hand, ended }: SourceEvents,
  log: Logger,
): ProgramSource {
  const { egressId, roomName, livekit, source } = plan;
  if (source.kind === 'page') return openPage(plan, source, ended, log);
  const events = {
    onScene,
    onLayout,
    onTap: (track: TappedTrack) => hand({ t: 'tap', track }),
    onUntap: (sid: string) => hand({ t: 'untap', sid }),
    onDeleted: () => ended('room-deleted', null),
    onGone: () => ended('source-gone', null),
    onMissing: (what: string) => ended('not-found', `${what} did not come into the room within 30 s`),
  };
  const joined = { egressId, roomName, livekit, wanted: source, apart: plan.audio.apart, leftOut: plan.care?.leftOut };
  const room = new RoomSource(joined, (channel) => new SoundLine(channel), events, log);
  // The slate is on air from the first tick: a room is never waited for.
  return Object.assign(room, { ready: async () => {} });
}

function openPage(
  plan: EgressPlan,
  source: Extract<EgressPlan['source'], { kind: 'page' }>,
  ended: SourceEvents['ended'],
  log: Logger,
): ProgramSource {
  const { egressId, roomName, livekit, program, targets } = plan;
  const { width, height, fps } = program;
  const wish = { width, height, fps, picture: !plan.audioOnly, sound: !plan.videoOnly };
  const own = source.template ? livekitAddress(livekit.url) : null;
  const page = new PageSource({ egressId, roomName, livekit, source, wish }, () => new SoundLine(), {
    // A template has to reach LiveKit, wherever that is.
    resolve: async (target) => {
      const isLiveKit = target.host === own?.host && target.port === own.port;
      return isLiveKit ? target.host : resolveTarget(target, targets);
    },
    events: { onEnd: () => ended('source-gone', null), onFailed: (why) => ended('failed', why) },
    log,
  });
  // An egress that goes on after a crash has begun: its slate is on air until the page is back.
  const ready = plan.resumes ? Promise.resolve() : page.ready();
  return Object.assign(page, { ready: () => ready, notes: () => [] });
}

function livekitAddress(text: string): { host: string; port: number } {
  const url = new URL(text);
  const secure = url.protocol === 'wss:' || url.protocol === 'https:';
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port) || (secure ? 443 : 80) };
}
