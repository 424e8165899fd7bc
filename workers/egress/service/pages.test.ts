import {
  RoomCompositeEgressRequest,
  StartEgressRequest,
  TemplateSource,
  WebEgressRequest,
  WebSource,
} from '@livekit/protocol';
import { describe, expect, test } from 'vitest';
import { readEgressConfig } from '../config.ts';
import { admit, estimateCores } from './admission.ts';
import { feedSegments, refusalOf, testConfig } from './fixtures/requests.ts';
import { pageHere, refusalOfPage } from './pages.ts';
import { acceptRequest } from './requests.ts';
import type { WireRequest } from './start-request.ts';

/** Any program stands for Chromium here: nothing is started. */
const BROWSER = process.execPath;
const withBrowser = (more = '') => testConfig(`openair: { chromium: "${BROWSER}" }\n${more}`);
const accept = (request: WireRequest, config = withBrowser()) =>
  acceptRequest({ egressId: 'EG_page', roomId: '', request }, config, Date.UTC(2026, 10, 21));
const web = (fields: ConstructorParameters<typeof WebEgressRequest>[0] = {}): WireRequest => ({
  kind: 'web',
  value: new WebEgressRequest({ url: 'https://show.example/page?a=b', segmentOutputs: [feedSegments()], ...fields }),
});
const composite: WireRequest = {
  kind: 'roomComposite',
  value: new RoomCompositeEgressRequest({
    roomName: 'r',
    layout: 'my-own',
    customBaseUrl: 'https://show.example/template',
    segmentOutputs: [feedSegments()],
  }),
};

test('a web egress becomes a page of the plan, in every form of the request', () => {
  const { plan, type } = accept(web({ awaitStartSignal: true }));
  expect(type).toBe('web');
  expect(plan.source).toEqual({
    kind: 'page',
    url: 'https://show.example/page?a=b',
    template: null,
    awaitStartSignal: true,
    browser: BROWSER,
    sandbox: true,
    memoryMb: 2048,
    flags: {},
  });
  const source = { case: 'web' as const, value: new WebSource({ url: 'https://show.example/', audioOnly: true }) };
  const outputs = [{ config: { case: 'segments' as const, value: feedSegments() } }];
  const v2 = accept({ kind: 'v2', value: new StartEgressRequest({ source, outputs }) }).plan;
  expect([v2.audioOnly, v2.source]).toEqual([true, expect.objectContaining({ kind: 'page', awaitStartSignal: false })]);
});

test('a template keeps its own layouts and says itself when it begins', () => {
  const template = { kind: 'page', template: { layout: 'my-own' }, awaitStartSignal: true };
  expect(accept(composite).plan.source).toMatchObject({ ...template, url: 'https://show.example/template' });
  const value = new TemplateSource({ layout: 'my-own', customBaseUrl: 'https://show.example/v2' });
  const outputs = [{ config: { case: 'segments' as const, value: feedSegments() } }];
  const v2 = new StartEgressRequest({ roomName: 'r', source: { case: 'template', value }, outputs });
  expect(accept({ kind: 'v2', value: v2 }).plan.source).toMatchObject({ ...template, url: 'https://show.example/v2' });
});

test.each([
  ['no Chromium on the machine', '', /custom_base_url\).*not installed\. Install the package chromium/],
  ['a path that leads nowhere', 'openair: { chromium: /no/such/program }', /no program at \/no\/such\/program/],
])('%s: refused as not served, so that another service may take it, with how to mend it', (_name, more, message) => {
  for (const request of [web(), composite]) {
    expect(refusalOf(() => accept(request, testConfig(more)))).toMatchObject({ code: 'unimplemented', message });
  }
});

test('Chromium is found by its usual names in PATH, and what an operator sets reaches it', () => {
  const body = `
api_key: k
api_secret: 0123456789abcdef0123456789abcdef
ws_url: ws://h:1
redis: { address: "h:1" }
enable_chrome_sandbox: false
chrome_flags: { disable-gpu: false, force-device-scale-factor: 2, lang: de }
cpu_cost: { web_cpu_cost: 3 }
`;
  const { config, ignored } = readEgressConfig(body, { PATH: '/nowhere:/usr/bin' });
  expect(ignored).toEqual([]);
  expect(config.page).toMatchObject({
    sandbox: false,
    flags: { 'disable-gpu': false, 'force-device-scale-factor': '2', lang: 'de' },
  });
  expect(config.cost.floors.web).toBe(3);
  expect(readEgressConfig(body, { PATH: '/nowhere' }).config.page.browser).toBeNull();
  expect(() => readEgressConfig(body.replace('lang:', '--lang:'))).toThrow(/without dashes/);
});

describe('the address of a page', () => {
  const planOf = (url: string, allow: string[] = [], denyPorts: number[] = []) => ({
    ...accept(web({ url })).plan,
    targets: { allow, denyPorts },
  });

  test.each([
    'http://127.0.0.1/',
    'http://10.1.2.3/',
    'http://169.254.169.254/latest',
    'http://[::1]:9/',
    'http://[fd00::1]/',
    'http://2130706433/',
  ])('%s is refused by its field', async (url) => {
    expect(await refusalOfPage(planOf(url))).toMatchObject({
      code: 'invalid_argument',
      message: expect.stringMatching(/^url .*not public/),
    });
  });
  test('a private one may be allowed, never with a port of ours', async () => {
    expect(await refusalOfPage(planOf('http://127.0.0.1:8000/', ['127.0.0.0/8'], [9000]))).toBeNull();
    expect(await refusalOfPage(planOf('http://127.0.0.1:9000/', ['127.0.0.0/8'], [9000]))).toMatchObject({
      code: 'invalid_argument',
    });
    expect(await refusalOfPage({ ...planOf('https://1.1.1.1/'), source: { kind: 'room', layout: 'grid' } })).toBeNull();
    expect(await refusalOfPage(planOf('https://1.1.1.1/'))).toBeNull();
  });
});

test('a page costs several times what a room does, and needs memory', () => {
  const { cost } = withBrowser();
  const page = accept(web()).plan;
  const room = { ...page, source: { kind: 'room' as const, layout: 'grid' as const } };
  expect(estimateCores(page, cost.floors)).toBeGreaterThan(2.5 * estimateCores(room, cost.floors));
  expect(estimateCores({ ...page, audioOnly: true }, cost.floors)).toBeGreaterThan(0.3);
  expect(estimateCores(page, { ...cost.floors, web: 4 })).toBe(4);
  const load = { cores: 4, idleCores: 4, running: [] };
  expect(admit(page, { ...load, freeMb: 2000 }, cost).ok).toBe(true);
  expect(admit(page, { ...load, freeMb: 200 }, cost)).toMatchObject({
    ok: false,
    reason: expect.stringContaining('200 MB are free'),
  });
  expect(admit(room, { ...load, freeMb: 200 }, cost).ok).toBe(true);
});

test('a page of a worker that died is drawn by the Chromium of the one that takes it over, if it has one', () => {
  const { source } = accept(web()).plan;
  const here = { browser: '/here/chromium', missing: '', sandbox: false, memoryMb: 1024, flags: { lang: 'de' } };
  expect(pageHere(source, here)).toMatchObject({
    kind: 'page',
    browser: '/here/chromium',
    sandbox: false,
    flags: { lang: 'de' },
  });
  expect(pageHere(source, { ...here, browser: null })).toBeNull();
  expect(pageHere({ kind: 'room', layout: 'grid' }, { ...here, browser: null })).toEqual({
    kind: 'room',
    layout: 'grid',
  });
});
