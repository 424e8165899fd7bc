import { describe, expect, test } from 'vitest';
import { EmbedRules, frameAncestors } from './embed-rules.ts';

describe('whose pages may show the player', () => {
  test.each(['example.org', '*.example.org', 'localhost:3000', 'a.b-c.example', 'EXAMPLE.org ', '127.0.0.1:8080'])(
    '%s is a host',
    (host) => {
      expect(EmbedRules.parse({ hosts: [host] }).hosts).toEqual([host.trim().toLowerCase()]);
    },
  );

  test.each([
    'https://example.org',
    'example.org/path',
    "'unsafe-inline'",
    'x; script-src *',
    'x y',
    '*',
    '*.*.org',
    '-x.org',
    'x.org.',
    'x.org:*',
    '',
  ])('%s is none: nothing but hosts gets into the policy', (host) => {
    expect(EmbedRules.safeParse({ hosts: [host] }).success).toBe(false);
  });

  test('without a list all may, with an empty one this site alone', () => {
    expect(frameAncestors(null)).toBe('frame-ancestors *');
    expect(frameAncestors([])).toBe("frame-ancestors 'self'");
    expect(frameAncestors(['example.org', '*.example.org'])).toBe("frame-ancestors 'self' example.org *.example.org");
  });
});
