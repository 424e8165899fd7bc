import { pino } from 'pino';
import { expect, test } from 'vitest';
import type { PushReport } from '../plan.ts';
import { PushLine } from './push-line.ts';

test('of pushes that are added and removed before the encoders are there, those that are left begin with the show', async () => {
  const url = 'rtmp://127.0.0.1/app/key';
  const line = new PushLine(
    [
      { id: 'planned', url },
      { id: 'regretted', url },
    ],
    30,
  );
  line.add({ id: 'added', url });
  line.remove('regretted');
  const reports: PushReport[] = [];
  line.begin({
    media: { video: null, audio: null },
    targets: undefined,
    onReports: (changed) => void reports.push(...changed),
    onFirstByte() {},
    log: pino({ level: 'silent' }),
  });
  const failed = () => reports.filter(({ state }) => state === 'failed').map(({ id }) => id);
  // A loopback address is refused without a connection: each push that was begun says so.
  await expect.poll(() => failed().sort()).toEqual(['added', 'planned']);
  line.add({ id: 'late', url });
  await expect.poll(failed).toContain('late');
  expect(reports.map(({ id }) => id)).not.toContain('regretted');
  await line.close();
});
