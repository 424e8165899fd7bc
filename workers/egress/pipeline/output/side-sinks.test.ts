import type { Frame } from 'node-av';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { appRequest, testConfig } from '../../service/fixtures/requests.ts';
import { acceptRequest } from '../../service/requests.ts';
import { SideSinks } from './side-sinks.ts';

test('a sink beside the show that fails takes neither a tick nor another sink along, not at the end either', async () => {
  const { plan } = acceptRequest(appRequest(), testConfig(), 0);
  const sides = new SideSinks(plan, { send() {}, log: pino({ level: 'silent' }) });
  const seen: string[] = [];
  const fail = () => {
    throw new Error('no memory for a picture');
  };
  sides.add({ picture: fail, sound: fail, close: () => Promise.reject(new Error('the disk is gone')) });
  sides.add({
    picture: ({ tick }) => void seen.push(`picture ${tick}`),
    sound: (_block, pts) => void seen.push(`sound ${pts}`),
    close: async () => void seen.push('closed'),
  });
  sides.picture({ frame: {} as Frame, tick: 3, showsSource: true });
  sides.sound(new Float32Array(2048), 1024);
  await sides.close();
  expect(seen).toEqual(['picture 3', 'sound 1024', 'closed']);
});
