import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { FarEnds } from '../fixtures/far-ends.ts';

/** Other makes of SRT at the other end: FFmpeg and GStreamer, each with the system's libsrt. */
const wait = { timeout: 90_000 };
const PASSPHRASE = 'correct horse 100%';
let ends: FarEnds;
beforeAll(() => {
  ends = new FarEnds();
});
afterEach(() => ends.end());
afterAll(() => ends.close());

async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return port;
}

/** FFmpeg as a listener. */
const startFfmpeg = (port: number, query = '') =>
  ends.receive(['-probesize', '100000', '-f', 'mpegts', '-i', `srt://127.0.0.1:${port}?mode=listener${query}`]);

describe('a push over SRT', () => {
  test('arrives encrypted at FFmpeg, every picture, a thirtieth of a second apart', async () => {
    const port = await freeUdpPort();
    const { times } = startFfmpeg(port, `&passphrase=${PASSPHRASE.replaceAll(' ', '+')}`);
    const url = `srt://127.0.0.1:${port}?streamid=publish/key&passphrase=${encodeURIComponent(PASSPHRASE)}&latency=120`;
    const bench = ends.push(url);
    await vi.waitFor(() => expect(times().length).toBeGreaterThan(150), wait);
    const steps = times().map((pts, index, all) => pts - (all[index - 1] ?? pts - 3000));
    // FLV's milliseconds round a thirtieth to 33 or 34.
    expect(steps.slice(1).every((step) => step === 33 * 90 || step === 34 * 90)).toBe(true);
    expect(bench.last('a')).toMatchObject({ state: 'pushing', droppedFrames: 0, retries: 0, lastError: null });
    await vi.waitFor(() => expect(bench.last('a')?.bitrateKbps).toBeGreaterThan(500), wait);
    expect(JSON.stringify(bench.reports)).not.toMatch(/publish\/key|correct/);
  });

  test('arrives at GStreamer, with the stream id it was given', async () => {
    const port = await freeUdpPort();
    const file = join(ends.folder, 'gst.ts');
    ends.start('gst-launch-1.0', [
      'srtsrc',
      `uri=srt://127.0.0.1:${port}?mode=listener`,
      '!',
      'filesink',
      'buffer-mode=2',
      `location=${file}`,
    ]);
    ends.push(`srt://127.0.0.1:${port}?streamid=%23!::r=live`);
    await vi.waitFor(() => expect(existsSync(file) && statSync(file).size).toBeGreaterThan(100_000), wait);
    expect(readFileSync(file)[0]).toBe(0x47);
  });

  test.each([
    ['another passphrase', '&passphrase=another-one-11', 'srt-passphrase'],
    ['no passphrase', '', 'srt-encryption'],
  ])('%s is refused by the listener, said in words, and failed after three times', async (_what, query, code) => {
    const port = await freeUdpPort();
    startFfmpeg(port, `&passphrase=${PASSPHRASE.replaceAll(' ', '+')}`);
    const bench = ends.push(`srt://127.0.0.1:${port}?streamid=topsecret${query}`);
    await vi.waitFor(() => expect(bench.last('a')).toMatchObject({ state: 'failed', lastError: { code } }), {
      timeout: 90_000,
    });
    expect(JSON.stringify(bench.reports)).not.toMatch(/topsecret|another-one/);
  });

  test('nobody there is said, and the push arrives once somebody listens', async () => {
    const port = await freeUdpPort();
    const bench = ends.push(`srt://127.0.0.1:${port}`);
    await vi.waitFor(
      () => expect(bench.last('a')).toMatchObject({ state: 'retrying', lastError: { code: 'srt-silent' } }),
      wait,
    );
    const { times } = startFfmpeg(port);
    await vi.waitFor(() => expect(times().length).toBeGreaterThan(30), { timeout: 90_000 });
    expect(bench.last('a')?.state).toBe('pushing');
  });

  test('a listener that stops answering is left, and met again when it is back', async () => {
    const port = await freeUdpPort();
    const { child, times } = startFfmpeg(port);
    const bench = ends.push(`srt://127.0.0.1:${port}`);
    await vi.waitFor(() => expect(times().length).toBeGreaterThan(30), wait);
    child.kill('SIGSTOP');
    await vi.waitFor(() => expect(bench.last('a')?.state).toBe('retrying'), wait);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const again = startFfmpeg(port);
    await vi.waitFor(() => expect(again.times().length).toBeGreaterThan(30), { timeout: 90_000 });
  });

  test('a killed SRT process is one retry of this destination, and its neighbour does not feel it', async () => {
    const [port, other] = [await freeUdpPort(), await freeUdpPort()];
    const [first, neighbour] = [startFfmpeg(port), startFfmpeg(other)];
    const bench = ends.push(`srt://127.0.0.1:${port}`);
    bench.set.add({ id: 'b', url: `srt://127.0.0.1:${other}` });
    await vi.waitFor(() => expect(first.times().length).toBeGreaterThan(30), wait);
    await vi.waitFor(() => expect(neighbour.times().length).toBeGreaterThan(30), wait);
    const [victim, ...others] = srtProcesses();
    expect(others).toHaveLength(1);
    if (victim) process.kill(victim, 'SIGKILL');
    await vi.waitFor(() => {
      const states = ['a', 'b'].map((id) => bench.last(id));
      expect(states.filter((one) => one?.retries === 1 && one.lastError?.code === 'srt-crashed')).toHaveLength(1);
      expect(states.filter((one) => one?.retries === 0 && one.state === 'pushing')).toHaveLength(1);
    }, wait);
  });

  test('an SRT process that hangs is killed and replaced', async () => {
    const port = await freeUdpPort();
    const { times } = startFfmpeg(port);
    const bench = ends.push(`srt://127.0.0.1:${port}`);
    await vi.waitFor(() => expect(times().length).toBeGreaterThan(30), wait);
    const [hung] = srtProcesses();
    if (hung) process.kill(hung, 'SIGSTOP');
    await vi.waitFor(() => expect(bench.last('a')).toMatchObject({ state: 'retrying', lastError: { code: 'hung' } }), {
      timeout: 90_000,
    });
    await vi.waitFor(() => expect(srtProcesses()).not.toContain(hung), wait);
  });

  test('no secret of it is on a command line, and its process goes with the destination', async () => {
    const port = await freeUdpPort();
    const { times } = startFfmpeg(port, `&passphrase=${PASSPHRASE.replaceAll(' ', '+')}`);
    const bench = ends.push(`srt://127.0.0.1:${port}?streamid=topsecret&passphrase=${encodeURIComponent(PASSPHRASE)}`);
    await vi.waitFor(() => expect(times().length).toBeGreaterThan(10), wait);
    const [pid] = srtProcesses();
    const told = ['cmdline', 'environ'].map((name) => readFileSync(`/proc/${pid}/${name}`, 'latin1')).join();
    expect(told).not.toMatch(/topsecret|correct/);
    bench.set.remove('a');
    await vi.waitFor(() => expect(srtProcesses()).toEqual([]), wait);
  });
});

/** Children of this process that speak SRT. */
function srtProcesses(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const status = readFileSync(`/proc/${pid}/status`, 'latin1');
        const ours = status.includes(`PPid:\t${process.pid}\n`) && !/State:\tZ/.test(status);
        return ours && readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('srt-main.ts');
      } catch {
        return false;
      }
    });
}
