import { IncomingMessage } from 'node:http';
import { isIP, Socket } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import express from 'express';
import { canonicalAddress, clientAddress } from './client-address.ts';

describe('an address', () => {
  test.each([
    ['203.0.113.7', '203.0.113.7'],
    [' 203.0.113.7 ', '203.0.113.7'],
    ['203.0.113.7:51234', '203.0.113.7'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['[2001:db8::1]:443', '2001:db8::1'],
    ['"[2001:db8::1]:443"', '2001:db8::1'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['[fe80::1%25eth0]:80', 'fe80::1'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['::FFFF:cb00:7107', '203.0.113.7'],
    ['[::ffff:203.0.113.7]:80', '203.0.113.7'],
    ['0:0:0:0:0:ffff:203.0.113.7', '203.0.113.7'],
    ['::1', '::1'],
  ])('%s is %s', (given, canonical) => {
    expect(canonicalAddress(given)).toBe(canonical);
  });

  test.each([
    '',
    'unknown',
    '_hidden',
    'example.com',
    '203.0.113',
    '203.0.113.256',
    '010.0.0.1',
    '1.2.3.4:x',
    '[::1',
    '::g',
    '1.2.3.4/8',
    '%eth0',
    "'; DROP",
    '\u0000',
    '9'.repeat(5000),
  ])('%j is none', (given) => {
    expect(canonicalAddress(given)).toBeUndefined();
  });
});

/** What is made of a header when the connection comes from this address and these proxies are trusted. */
function seen(header: string | undefined, trusted: number | string[], from = '10.0.0.1'): string {
  const req = new IncomingMessage(new Socket());
  Object.defineProperty(req.socket, 'remoteAddress', { value: from });
  if (header !== undefined) req.headers['x-forwarded-for'] = header;
  return clientAddress(req, express().set('trust proxy', trusted).get('trust proxy fn'));
}

describe('the client is', () => {
  test.each<[string, string | undefined, number | string[], string]>([
    ['the connection, without a header', undefined, 1, '10.0.0.1'],
    ['the connection, when no proxy is trusted', '203.0.113.7', 0, '10.0.0.1'],
    ['the connection, when this one is not trusted', '203.0.113.7', ['192.0.2.0/24'], '10.0.0.1'],
    ['what the one trusted hop says', '198.51.100.66, 203.0.113.7:1234', 1, '203.0.113.7'],
    ['what the first of two trusted hops says', '198.51.100.66, 203.0.113.7, 10.0.0.2:99', 2, '203.0.113.7'],
    [
      'the last that is none of the trusted networks',
      '198.51.100.66, 203.0.113.7, 10.0.0.2:99',
      ['10.0.0.0/8'],
      '203.0.113.7',
    ],
    ['the proxy, when it says nonsense', 'nonsense', 1, '10.0.0.1'],
    [
      'the nearest proxy that is known, when one says nonsense',
      '203.0.113.7, unknown, 10.0.0.2',
      ['10.0.0.0/8'],
      '10.0.0.2',
    ],
    ['the proxy, when the header is empty', '', 1, '10.0.0.1'],
  ])('%s', (_what, header, trusted, client) => {
    expect(seen(header, trusted)).toBe(client);
  });

  test('always an address, also when the connection is gone', () => {
    expect(isIP(seen('x', 1, ''))).toBe(4);
  });
});
