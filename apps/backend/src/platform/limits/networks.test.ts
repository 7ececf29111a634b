import { expect, test } from '@jest/globals';
import { clientKey, networksOf } from './networks.ts';

const keys = (address: string) => networksOf(address).map(({ key }) => key);

test('an IPv6 address belongs to its /64, /56 and /48, with rising budgets', () => {
  expect(keys('2001:db8:1:2ff::1')).toHaveLength(3);
  const factors = networksOf('2001:db8::1').map(({ factor }) => factor);
  expect(factors).toEqual([...factors].sort((a, b) => a - b));
  const [client, site, provider] = keys('2001:db8:1:2ff::1');
  expect(keys('2001:db8:1:2ff:ffff::2')).toEqual([client, site, provider]);
  expect(keys('2001:db8:1:2aa::1').slice(1)).toEqual([site, provider]);
  expect(keys('2001:db8:1:ff00::1')[2]).toBe(provider);
  expect(keys('2001:db8:2::1')).not.toContain(provider);
});

test('an IPv4 address is counted by itself and with its neighbours, however it is written', () => {
  expect(keys('203.0.113.7')).toEqual(['ip:203.0.113.7', 'ip:203.0.113.0/24']);
  expect(keys('::ffff:203.0.113.7')).toEqual(keys('203.0.113.7'));
  expect(clientKey('203.0.113.7')).toBe('ip:203.0.113.7');
});
