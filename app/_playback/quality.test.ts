import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { QualityReport } from '#core/viewer/quality-report';
import { addTally, type QualityTally, viewTally } from '#core/viewer/quality-tally';
import { eventually, SHOW, startTestOrigin, type TestOrigin } from './fixtures/test-origin.contract.ts';

let origin: TestOrigin;
beforeEach(async () => {
  origin = await startTestOrigin({ qualityFlushMs: 20 });
  await origin.show();
});
afterEach(() => origin.stop());

const REPORT: QualityReport = {
  device: 'phone',
  engine: 'hls.js',
  startMs: 620,
  playedMs: 19_000,
  stalledMs: 1000,
  stalls: 1,
  latencyMs: 900,
  height: 720,
  rungsUp: 0,
  rungsDown: 1,
  errors: ['network'],
};
const beat = (session: string, report?: unknown) =>
  origin.get('pb_show/beat', { method: 'POST', body: JSON.stringify({ session, report }) });

async function book(): Promise<QualityTally> {
  const sum: QualityTally = {};
  for (const { tally } of await origin.qualityBook.read(SHOW.playbackId)) addTally(sum, tally);
  return sum;
}
const prometheus = async () => (await fetch(`${origin.base}/metrics`)).text();

describe('what viewers report', () => {
  test('is summed for the show and for Prometheus, without anything about the person', async () => {
    await beat('viewer-one', REPORT);
    await beat('viewer-two', { ...REPORT, startMs: 1800, stalls: 0, stalledMs: 0, errors: [], device: 'desktop' });
    await eventually(async () => (await book()).reports === 2);
    const sum = await book();
    expect(JSON.stringify(await origin.qualityBook.read(SHOW.playbackId))).not.toContain('viewer-');
    const view = viewTally(sum);
    expect(view).toMatchObject({
      reports: 2,
      devices: { phone: 0.5, desktop: 0.5 },
      errors: { network: 1 },
      heights: { 720: 1 },
    });
    expect(view.rebufferShare).toBeCloseTo(1000 / 39_000, 6);
    expect(view.stallsPerHour).toBeCloseTo(3600 / 38, 3);
    expect(view.startP50Ms).toBeLessThanOrEqual(750);
    expect(view.startP95Ms).toBeGreaterThan(1500);
    const text = await prometheus();
    expect(text).toContain('openair_viewer_reports_total{device="phone",engine="hls.js"} 1');
    expect(text).toContain('openair_viewer_played_seconds_total 38');
    expect(text).toContain('openair_viewer_stalled_seconds_total 1');
    expect(text).toContain('openair_viewer_errors_total{code="network"} 1');
    expect(text).toContain('openair_viewer_start_seconds_bucket{le="0.75"} 1');
    expect(text).not.toContain('viewer-one');
  });

  test('a report that is none is left out, its viewer counts', async () => {
    for (const wrong of [
      {},
      { ...REPORT, playedMs: -1 },
      { ...REPORT, city: 'Graz' },
      { ...REPORT, errors: ['x'] },
      'text',
      7,
    ]) {
      expect((await beat('viewer-one', wrong)).status).toBe(200);
    }
    await beat('viewer-two', REPORT);
    await eventually(async () => (await book()).reports === 1);
    expect(await origin.audience.count(SHOW.playbackId)).toBe(2);
  });

  test('any height makes one of a few counters', async () => {
    for (let height = 100; height < 3000; height += 100) await beat('viewer-one', { ...REPORT, height });
    await eventually(async () => (await book()).reports === 29);
    expect(Object.keys(viewTally(await book()).heights).length).toBeLessThanOrEqual(9);
  });

  test('a crowd is asked for a sample, always the same one, and no more is taken', async () => {
    const sessions = Array.from({ length: 2000 }, (_, i) => `session-${(i * 7919).toString(36)}`);
    for (const session of sessions) await origin.audience.beat(SHOW.playbackId, session);
    const ask = async () => {
      const asked: string[] = [];
      for (const session of sessions) {
        const answer = await beat(session, REPORT);
        if ((await answer.json()).report) asked.push(session);
      }
      return asked;
    };
    const first = await ask();
    expect(first.length).toBeGreaterThan(400);
    expect(first.length).toBeLessThan(600);
    expect(await ask()).toEqual(first);
    // The very first report of this origin came before it knew how large the audience is.
    await eventually(async () => ((await book()).reports ?? 0) >= 2 * first.length);
    expect((await book()).reports).toBeLessThanOrEqual(2 * first.length + 1);
  }, 30_000);

  test('is held while the book cannot be reached, and a viewer never waits for it', async () => {
    origin.qualityBook.away = true;
    expect((await beat('viewer-one', REPORT)).status).toBe(200);
    expect((await beat('viewer-one', REPORT)).status).toBe(200);
    origin.qualityBook.away = false;
    await eventually(async () => (await book()).reports === 2);
  });

  test('an origin that is stopped writes what it holds', async () => {
    const slow = await startTestOrigin({ qualityFlushMs: 3_600_000 });
    await slow.show();
    const body = JSON.stringify({ session: 'viewer-one', report: REPORT });
    await slow.get('pb_show/beat', { method: 'POST', body }, slow.base);
    await slow.stop();
    expect((await slow.qualityBook.read(SHOW.playbackId))[0]?.tally.reports).toBe(1);
  });
});
