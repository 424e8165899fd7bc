import type { FeedNote } from '#core/playback/live-feed';
import type { EgressPlan, PipelineFacts } from '../plan.ts';
import { isAllowedTarget } from '../target.ts';
import type { Direction } from './compose/arrange.ts';
import type { PictureTap, StageView } from './compose/inputs.ts';

/** Who is on air, by the request. */
export function directionOf({ source }: EgressPlan): Direction {
  if (source.kind === 'participant') return source;
  if (source.kind !== 'room') return { kind: 'layout', layout: 'single' };
  return source.layout === 'scene' ? { kind: 'scene' } : { kind: 'layout', layout: source.layout };
}

/** Peak bits per second for playlists: rate control may exceed its mean within a second; the container adds a little. */
export function peak(bitrate: number): number {
  return Math.round(bitrate * 1.15 + 10_000);
}

/** Who sends what just now, for operators; ages in ms. */
export function sourceFacts(people: StageView<unknown>['people'], nowMs: number): PipelineFacts['sources'] {
  return people.map(({ identity, cameraTap, screenTap, sounds }) => {
    const atMs = (cameraTap ?? screenTap)?.latest()?.atMs;
    return {
      identity,
      camera: sizeOf(cameraTap),
      screen: sizeOf(screenTap),
      sound: sounds.length > 0,
      pictureAgeMs: atMs === undefined ? null : Math.round(nowMs - atMs),
    };
  });
}

/** What is left out of the show, for operators. */
export function noteWords(note: FeedNote): string {
  switch (note.code) {
    case 'left-out':
      return `The ${note.picture ? 'picture' : 'sound'} of ${note.identity} is left out: the engine crashed again and again while it was received.`;
    case 'only-slate':
      return 'Only the slate is drawn, until the scene changes: the engine crashed again and again while it drew pictures.';
    case 'pictures-capped':
      return `${note.of} pictures are published, ${note.most} of them are received; the others are shown by their names.`;
    case 'scene-unreadable':
      return `The scene in the room cannot be read (${note.field}): the last good one is drawn.`;
  }
}

function sizeOf(tap: PictureTap | null): string | null {
  const picture = tap?.latest();
  return picture ? `${picture.width}x${picture.height}` : null;
}

/** Where logos and backgrounds may be fetched from: the rules for destinations hold for them too. */
export function addressRuleOf({ targets }: EgressPlan): (address: string, port: number, host: string) => boolean {
  return (address, port, host) => isAllowedTarget(address, port, host, targets);
}
