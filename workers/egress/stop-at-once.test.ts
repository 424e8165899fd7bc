import { expect, test } from 'vitest';
import type { FromPipeline } from './plan.ts';
import { appRequest, testConfig } from './service/fixtures/requests.ts';
import { pipelineProcessStarter } from './service/pipeline-process.ts';
import { acceptRequest } from './service/requests.ts';

test('a stop that follows the plan at once, while the engine is still being loaded, ends the process in order', async () => {
  const { plan } = acceptRequest(appRequest(), testConfig(), Date.now());
  const heard: FromPipeline[] = [];
  const gone = new Promise<unknown>((resolve) => {
    const child = pipelineProcessStarter({ PATH: process.env.PATH ?? '' })({
      message: (message) => void heard.push(message),
      exit: resolve,
    });
    child.send({ t: 'run', plan });
    child.send({ t: 'stop' });
  });
  expect(await gone).toEqual({ code: 0, signal: null });
  expect(heard.filter(({ t }) => t === 'ended')).toMatchObject([{ cause: 'stop-asked', error: null }]);
});
