import { expect, test } from 'vitest';
import type { PublicBroadcast } from '#core/broadcast/public-views';
import { firstShown, hasPicture, nextShown, phaseOf } from './show-phase.ts';

const show = (id: string, over: Partial<PublicBroadcast> = {}): PublicBroadcast => ({
  id,
  channel: { id: 'ch_1', handle: 'ann', name: 'Ann' },
  title: 'Show',
  description: '',
  visibility: 'public',
  state: 'live',
  endReason: null,
  startsAt: null,
  startedAt: null,
  endedAt: null,
  playbackId: `pb_${id}`,
  watchUrl: '',
  playback: { hls: '', dash: null },
  audience: 0,
  peakAudience: 0,
  hasRecording: false,
  ...over,
});

test('an ended show is its recording, or on its way to one, and a cancelled one has no picture', () => {
  expect(phaseOf(show('a', { state: 'ended', hasRecording: true }))).toBe('recording');
  expect(phaseOf(show('a', { state: 'ended' }))).toBe('processing');
  expect(hasPicture(phaseOf(show('a', { state: 'ended', endReason: 'cancelled' })))).toBe(false);
  expect(hasPicture(phaseOf(null))).toBe(false);
});

test('a page without a show takes up the one that begins', () => {
  expect(nextShown(null, show('a', { state: 'backstage' }), false)?.id).toBe('a');
});

test('news of the show that is on the page always counts', () => {
  expect(nextShown(show('a'), show('a', { state: 'ended' }), true)?.state).toBe('ended');
});

test('a page of one show stays with it when another begins', () => {
  expect(nextShown(show('a', { state: 'ended' }), show('b'), true)?.id).toBe('a');
});

test("a channel's page goes on to the next show when that is on air, not while it is prepared", () => {
  const ended = show('a', { state: 'ended', hasRecording: true });
  expect(nextShown(ended, show('b', { state: 'backstage' }), false)?.id).toBe('a');
  expect(nextShown(ended, show('b'), false)?.id).toBe('b');
});

test('news of an old show that ends does not push away the one on air', () => {
  expect(nextShown(show('b'), show('a', { state: 'ended' }), false)?.id).toBe('b');
});

test("a channel's address shows the show that just ended, not one of last week", () => {
  const channel = { id: 'ch_1', handle: 'ann', name: 'Ann' };
  const ended = (endedAt: string) =>
    show('a', { state: 'ended', endReason: 'host-ended', hasRecording: true, endedAt });
  const nowMs = Date.parse('2026-01-08T12:00:00.000Z');
  const at = (endedAt: string) => firstShown({ channel, current: null, recent: [ended(endedAt)] }, nowMs)?.id ?? null;
  expect(at('2026-01-08T11:00:00.000Z')).toBe('a');
  expect(at('2026-01-01T11:00:00.000Z')).toBeNull();
  expect(firstShown({ channel, current: show('b'), recent: [] }, nowMs)?.id).toBe('b');
});
