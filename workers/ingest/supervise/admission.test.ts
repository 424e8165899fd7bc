import { expect, test } from 'vitest';
import { transcodeCores } from '../publish/transcode-cost.ts';
import { TranscodeAdmission } from './admission.ts';

function start(idle: number, share = 1) {
  const machine = { idle, nowMs: 0 };
  const admission = new TranscodeAdmission({ cores: 2, idleCores: () => machine.idle }, share, () => machine.nowMs);
  return { machine, admission };
}

test('a transcode begins while enough of the processor is idle, and is refused with what was measured', () => {
  const { machine, admission } = start(0.5);
  expect(admission.ask(0.3)).toBe('');
  machine.nowMs = 6_000;
  machine.idle = 0.123;
  expect(admission.ask(0.3)).toMatch(/0\.3 cores are needed, 0\.12 of 2 are idle/);
});

test('two that begin at once do not get the same idle core; what was promised shows in the load later', () => {
  const { machine, admission } = start(0.5);
  expect(admission.ask(0.3)).toBe('');
  expect(admission.ask(0.3)).not.toBe('');
  // The first one never came about: its promise lapses.
  machine.nowMs = 6_000;
  expect(admission.ask(0.3)).toBe('');
});

test('the share that has to be idle can be less, or nothing', () => {
  expect(start(0.2, 0.6).admission.ask(0.3)).toBe('');
  expect(start(0.1, 0.6).admission.ask(0.3)).not.toBe('');
  expect(start(0, 0).admission.ask(3)).toBe('');
});

test('a larger picture costs more, and a smaller encoding less', () => {
  const hd = { width: 1280, height: 720, fps: 30 };
  const full = { width: 1920, height: 1080, fps: 30 };
  expect(transcodeCores(full, full)).toBeGreaterThan(transcodeCores(full, hd));
  expect(transcodeCores(full, hd)).toBeGreaterThan(transcodeCores(hd, hd));
});
