import { expect, test } from 'vitest';
import { cameraConstraints, chooseDevice, deviceProblem, isResolution, listDevices } from './device-choice.ts';

const info = (kind: string, deviceId: string, label = '') => ({ kind, deviceId, label });

test('aliases of a microphone are left out and nameless devices get a number', () => {
  const lists = listDevices([
    info('audioinput', 'default', 'Default - Desk mic'),
    info('audioinput', 'communications', 'Communications - Desk mic'),
    info('audioinput', 'm1', 'Desk mic'),
    info('videoinput', 'c1', 'Front'),
    info('videoinput', 'c2'),
    info('audiooutput', 's1', 'Speaker'),
  ]);
  expect(lists.microphones).toEqual([{ id: 'm1', label: 'Desk mic' }]);
  expect(lists.cameras).toEqual([
    { id: 'c1', label: 'Front' },
    { id: 'c2', label: '2' },
  ]);
});

test('before permission the browser names nothing, and nothing is offered', () => {
  expect(listDevices([info('videoinput', ''), info('audioinput', '')])).toEqual({ cameras: [], microphones: [] });
});

test('a kept device that was unplugged gives way to the first one', () => {
  const devices = [
    { id: 'a', label: 'A' },
    { id: 'b', label: 'B' },
  ];
  expect(chooseDevice(devices, 'b')).toBe('b');
  expect(chooseDevice(devices, 'gone')).toBe('a');
  expect(chooseDevice([], 'a')).toBeNull();
});

test('each way a camera can fail has words of its own', () => {
  expect(deviceProblem('NotAllowedError', true)).toBe('denied');
  expect(deviceProblem('NotFoundError', true)).toBe('none');
  expect(deviceProblem('NotReadableError', true)).toBe('busy');
  expect(deviceProblem('OverconstrainedError', true)).toBe('gone');
  expect(deviceProblem('TypeError', false)).toBe('insecure');
  expect(deviceProblem('SomethingNew', true)).toBe('unknown');
});

test('the camera is asked for the chosen size, as a wish', () => {
  expect(cameraConstraints('c1', '720p')).toMatchObject({ deviceId: { exact: 'c1' }, height: { ideal: 720 } });
  expect(cameraConstraints(null, '1080p')).not.toHaveProperty('deviceId');
  expect(isResolution('720p')).toBe(true);
  expect(isResolution('toString')).toBe(false);
});
