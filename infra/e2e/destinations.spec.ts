import { api, type BroadcastAnswer, eventually } from '../bench/lib/install.ts';
import { openRtmpSink } from './rtmp-sink.ts';
import { expect, expectMovingClock, type Stage, test } from './stage.ts';

const KEY = 'outside-key-1234';

async function destinationOf(stage: Stage, id: string, name: string) {
  const { destinations } = await api<BroadcastAnswer>(stage.install, 'GET', `/broadcasts/${id}`);
  return destinations.find((each) => each.name === name);
}

test('a broadcast arrives at another make of RTMP server, survives its absence, and is there again after', async ({
  stage,
  page,
}) => {
  test.setTimeout(180_000);
  const sink = await openRtmpSink();
  try {
    await sink.start();
    const destination = { kind: 'custom', enabled: true, url: sink.url, streamKey: KEY };
    await api(stage.install, 'POST', `/channels/${stage.handle}/destinations`, { ...destination, name: 'Outside' });
    const dead = { kind: 'custom', enabled: true, url: 'rtmp://127.0.0.1:1/live', streamKey: 'x' };
    await api(stage.install, 'POST', `/channels/${stage.handle}/destinations`, { ...dead, name: 'Nobody there' });
    const broadcast = await stage.makeBroadcast('To the outside');
    await stage.connectEncoder();
    await stage.start(broadcast.id);
    await eventually('the sink receives', async () => (await sink.bytesIn(KEY)) > 100_000);
    await eventually(
      'it is shown as pushing',
      async () => (await destinationOf(stage, broadcast.id, 'Outside'))?.state === 'pushing',
    );

    await sink.stop();
    const retrying = await eventually('it is shown as retrying, with the reason', async () => {
      const seen = await destinationOf(stage, broadcast.id, 'Outside');
      return seen?.state === 'retrying' && seen.lastError ? seen : null;
    });
    expect(JSON.stringify(retrying)).not.toContain(KEY);
    expect((await destinationOf(stage, broadcast.id, 'Nobody there'))?.state).toBe('retrying');
    await page.goto(broadcast.watchUrl);
    await expectMovingClock(page);

    await sink.start();
    await eventually('the sink receives again', async () => (await sink.bytesIn(KEY)) > 100_000, 40_000);
    await eventually(
      'it is shown as pushing again',
      async () => (await destinationOf(stage, broadcast.id, 'Outside'))?.state === 'pushing',
    );
    expect((await stage.broadcast(broadcast.id)).state).toBe('live');
  } finally {
    await sink.close();
  }
});
