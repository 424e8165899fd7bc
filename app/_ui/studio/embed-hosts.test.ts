import { expect, test } from 'vitest';
import { framedByOf, hostsOf, readHosts } from './embed-hosts.ts';

test('hosts are read as people write them', () => {
  expect(readHosts(' example.org\n*.example.org, https://shop.example/  ;localhost:3000\n')).toEqual([
    'example.org',
    '*.example.org',
    'shop.example',
    'localhost:3000',
  ]);
  expect(readHosts('https://shop.example/cart')).toEqual(['shop.example/cart']);
  expect(readHosts(' \n')).toEqual([]);
});

test('everyone is no list, nobody an empty one', () => {
  expect([null, [], ['a.example']].map(framedByOf)).toEqual(['all', 'none', 'some']);
  expect([hostsOf('all', 'a.example'), hostsOf('none', 'a.example'), hostsOf('some', 'a.example')]).toEqual([
    null,
    [],
    ['a.example'],
  ]);
});
