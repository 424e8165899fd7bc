import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EgressClient, EgressStatus, StreamOutput, StreamProtocol } from 'livekit-server-sdk';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Encoder, startEncoder } from '../bench/clock/rtmp-source.ts';
import { api, type BroadcastAnswer, eventually, openInstall } from '../bench/lib/install.ts';
import { readStat } from '../native/supervise/process-identity.ts';
import { readState } from '../native/supervise/state-file.ts';
import { postFromOwnAddress, type Relay, relayFromOwnAddress } from './own-address.ts';

/**
 * S-13: right and wrong keys go in at every door and out at every destination of a running install; then none of them stands in a log, a
 * command line or a media process's environment, and no process may write its memory to a core file. What it sends comes from an address
 * of its own, and what it has started has ended when it is over: the tests beside it find the install as it was.
 */
const install = openInstall();
const { env, home } = install;
const egress = new EgressClient(env.LIVEKIT_URL ?? '', env.LIVEKIT_API_KEY, env.LIVEKIT_API_SECRET);
const stamp = Date.now().toString(36);
const canary = (name: string) => `canary-${name}-c${stamp}`;
/** Nothing listens there. */
const CLOSED = '127.0.0.1:9';

type Ingest = {
  rtmp: { url: string; streamKey: string };
  whip: { url: string; bearerToken: string };
  srt: { url: string } | null;
  state: { state: string };
};

const encoders: Encoder[] = [];
const relays: Relay[] = [];
const handle = `secrets-${stamp}`;
const secrets = new Map<string, string>();
let broadcast: BroadcastAnswer;

const ingest = () => api<Ingest>(install, 'GET', `/channels/${handle}/ingest`);
const current = () => api<BroadcastAnswer>(install, 'GET', `/broadcasts/${broadcast.id}`);

async function encode(url: string, format: 'flv' | 'mpegts' = 'flv'): Promise<Encoder> {
  const relay = await relayFromOwnAddress(url);
  relays.push(relay);
  const encoder = startEncoder({ url: relay.url, format, width: 320, height: 180, fps: 15, gop: 15 });
  encoders.push(encoder);
  return encoder;
}

/** Keys of the install itself; what only names somebody is no secret. */
function installSecrets(): [string, string][] {
  const all = Object.entries(JSON.parse(readFileSync(join(home, 'secrets.json'), 'utf8')) as Record<string, string>);
  return all.filter(([name]) => name !== 'LIVEKIT_API_KEY' && name !== 'S3_ACCESS_KEY');
}

async function addDestinations(): Promise<void> {
  const add = (name: string, url: string, streamKey: string) =>
    api(install, 'POST', `/channels/${handle}/destinations`, { name, kind: 'custom', url, streamKey, enabled: true });
  await add('RTMP', `rtmp://${CLOSED}/live`, canary('rtmp-push'));
  await add('RTMPS', `rtmps://${CLOSED}/live`, canary('rtmps-push'));
  await add('SRT', `srt://${CLOSED}`, canary('srt-push'));
  for (const url of [`rtmp://${CLOSED}:x/${canary('malformed')}`, `nonsense ${canary('malformed')}`]) {
    await expect(add('Wrong', url, canary('malformed'))).rejects.toThrow(/: 4\d\d /);
  }
}

/** Somebody else's keys, and what is no key at all. */
async function knockWithWrongKeys({ rtmp, whip, srt }: Ingest): Promise<void> {
  await (await encode(`${rtmp.url}/${canary('rtmp-wrong')}`)).exited;
  if (srt) await (await encode(srt.url.replace(rtmp.streamKey, canary('srt-wrong')), 'mpegts')).exited;
  const offer = (bearer: string, sdp: string) =>
    postFromOwnAddress(whip.url, { 'content-type': 'application/sdp', authorization: `Bearer ${bearer}` }, sdp);
  expect(await offer(canary('whip-wrong'), 'v=0')).toBe(401);
  expect(await offer(whip.bearerToken, `v=0 ${canary('sdp')}`)).toBe(400);
  const headers = { 'content-type': 'application/json', authorization: `Bearer oa_${canary('api-wrong')}` };
  const wish = JSON.stringify({ handle: `never-${stamp}`, name: 'Never' });
  expect(await postFromOwnAddress(`${install.credentials.url}/api/v1/channels`, headers, wish)).toBe(401);
}

/** The same, at LiveKit's doors. */
async function askLiveKit(): Promise<void> {
  const path = `/broadcasts/${broadcast.id}/host-token`;
  const wish = { identity: 'host_canary', name: 'Canary' };
  const { token } = await api<{ token: string }>(install, 'POST', path, wish);
  secrets.set('join token', token);
  for (const one of [token, `${token}x`]) await fetch(`${env.LIVEKIT_URL}/rtc/validate?access_token=${one}`);
  const urls = [`http://${CLOSED}/${canary('egress-url')}`, `rtmp://${CLOSED}/live/${canary('egress-url')} x`];
  for (const url of urls) {
    const output = new StreamOutput({ protocol: StreamProtocol.RTMP, urls: [url] });
    const started = await egress.startRoomCompositeEgress(`none-${stamp}`, output).catch(() => null);
    if (started) await endEgress(started.egressId);
  }
}

async function endEgress(egressId: string): Promise<void> {
  await egress.stopEgress(egressId).catch(() => undefined);
  await eventually(`egress ${egressId} has ended`, async () => {
    const [info] = await egress.listEgress({ egressId });
    return !info || info.status >= EgressStatus.EGRESS_COMPLETE;
  });
}

beforeAll(async () => {
  await api(install, 'POST', '/channels', { handle, name: 'Secrets' });
  for (const [name, value] of installSecrets()) secrets.set(name, value);
  const keys = await ingest();
  secrets.set('stream key', keys.rtmp.streamKey);
  secrets.set('WHIP token', keys.whip.bearerToken);
  secrets.set('every canary', `-c${stamp}`);
  await addDestinations();
  broadcast = await api(install, 'POST', `/channels/${handle}/broadcasts`, { title: 'S-13', visibility: 'public' });
  const encoder = await encode(`${keys.rtmp.url}/${keys.rtmp.streamKey}`);
  await eventually('the encoder publishes', async () => (await ingest()).state.state === 'publishing');
  await api(install, 'POST', `/broadcasts/${broadcast.id}/start`);
  await eventually('on air', async () => (await current()).state === 'live', 60_000);
  await eventually('every destination has failed to connect', async () =>
    (await current()).destinations.every(({ lastError }) => lastError !== null),
  );
  if (keys.srt) {
    await encoder.stop();
    await eventually('the encoder has left', async () => (await ingest()).state.state !== 'publishing');
    await encode(keys.srt.url, 'mpegts');
    await eventually('the encoder is back over SRT', async () => (await ingest()).state.state === 'publishing');
  }
  await askLiveKit();
  // Last: after a few wrong keys an address has to wait (S-12).
  await knockWithWrongKeys(keys);
}, 180_000);
afterAll(async () => {
  for (const encoder of encoders) await encoder.stop();
  for (const relay of relays) relay.close();
  await api(install, 'POST', `/broadcasts/${broadcast.id}/end`).catch(() => undefined);
  await eventually('ended', async () => (await current()).state === 'ended');
});

/** Names of the secrets that stand in a text. */
const found = (text: string) => [...secrets].filter(([, value]) => text.includes(value)).map(([name]) => name);

type Process = { pid: number; command: string };

/** The supervisor and everything below it. */
function processes(): Process[] {
  const supervisor = readState(home)?.supervisor.pid ?? 0;
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const parents = new Map(all.map((name) => [Number(name), readStat(Number(name))?.parent ?? 0]));
  const isOurs = (pid: number): boolean => pid === supervisor || (pid > 1 && isOurs(parents.get(pid) ?? 0));
  return [...parents.keys()].filter(isOurs).flatMap((pid) => {
    const command = read(`/proc/${pid}/cmdline`);
    return command ? [{ pid, command: command.replaceAll('\0', ' ').trim() }] : [];
  });
}

/** Empty when the process has just gone. */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

describe('a running install', () => {
  test('shows no secret on a command line', () => {
    const all = processes();
    expect(all.length).toBeGreaterThan(8);
    expect(all.flatMap(({ command }) => found(command).map((name) => `${name}: ${command.split(' ')[0]}`))).toEqual([]);
  });

  test('gives its media processes none in their environment', () => {
    const media = processes().filter(({ command }) =>
      /(egress\/pipeline|ingest\/publish|ingest\/pull\/source|srt)\/?[\w-]*main\.ts|store-late\.ts/.test(command),
    );
    expect(media.some(({ command }) => command.includes('egress/pipeline/main.ts'))).toBe(true);
    expect(media.some(({ command }) => command.includes('ingest/'))).toBe(true);
    expect(
      media.flatMap(({ pid, command }) => found(read(`/proc/${pid}/environ`)).map((name) => [name, command])),
    ).toEqual([]);
  });

  test('lets no process write its memory to a core file', () => {
    const limits = processes().map(({ pid, command }) => ({
      command,
      core: /^Max core file size\s+(\S+)\s+(\S+)/m.exec(read(`/proc/${pid}/limits`))?.slice(1),
    }));
    expect(limits.filter(({ core }) => core && core.join() !== '0,0')).toEqual([]);
  });

  test('has written none to any log, after right and wrong keys at every door', async () => {
    await api(install, 'POST', `/broadcasts/${broadcast.id}/end`);
    await eventually('ended', async () => (await current()).state === 'ended');
    const logs = readdirSync(join(home, 'logs'));
    const hits = logs.flatMap((name) =>
      read(join(home, 'logs', name))
        .split('\n')
        .flatMap((line) => found(line).map((what) => `${name}: ${what} in ${line.slice(0, 300)}`)),
    );
    expect(hits).toEqual([]);
    // The right logs were read: what was done above stands in them.
    const text = logs.map((name) => read(join(home, 'logs', name))).join('\n');
    expect(text).toMatch(/wrong|unknown|refused/i);
  });
});
