import { expect, test } from 'vitest';
import { claimRequestChannel, claimResponseChannel, requestChannel, responseChannel } from './topics.ts';

test('a topic makes a channel of its own, and an empty one drops its field', () => {
  expect(requestChannel({ service: 'EgressHandler', method: 'StopEgress', topic: 'EG_a1' })).toBe(
    'EgressHandler|StopEgress|EG_a1|REQ',
  );
  expect(requestChannel({ service: 'EgressInternal', method: 'StartEgress', topic: '' })).toBe(
    'EgressInternal|StartEgress|REQ',
  );
  expect(claimResponseChannel({ service: 'IOInfo', method: 'CreateEgress', topic: '' })).toBe(
    'IOInfo|CreateEgress|RCLAIM',
  );
  expect(claimRequestChannel('IOInfo', 'CLI_x')).toBe('IOInfo|CLI_x|CLAIM');
  expect(responseChannel('IOInfo', 'CLI_x')).toBe('IOInfo|CLI_x|RES');
});

test('characters that could break out of a part are escaped as psrpc does', () => {
  const of = (topic: string) => requestChannel({ service: 'S', method: 'M', topic });
  expect(of('a-b|c')).toBe('S|M|au+002dbu+007cc|REQ');
  expect(of('ä')).toBe('S|M|u+00e4|REQ');
  expect(of('😀')).toBe('S|M|U+0001f600|REQ');
});
