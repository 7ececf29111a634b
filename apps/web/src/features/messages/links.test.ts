import { expect, test } from '@jest/globals';
import { piecesOf } from './links.ts';

test('a web address in a message becomes a link without the full stop after it', () => {
  expect(piecesOf('See https://example.org/a?b=1.')).toEqual([
    { text: 'See ' },
    { text: 'https://example.org/a?b=1', href: 'https://example.org/a?b=1' },
    { text: '.' },
  ]);
});

test('several addresses and line breaks keep the text as it was written', () => {
  const body = 'http://a.example\n(https://b.example/x) end';
  const pieces = piecesOf(body);
  expect(pieces.map(({ text }) => text).join('')).toBe(body);
  expect(pieces.flatMap(({ href }) => href ?? [])).toEqual(['http://a.example', 'https://b.example/x']);
});

test('a character that turns the direction of writing is no part of an address', () => {
  const body = 'https://example.org/\u202egpj.exe';
  expect(piecesOf(body)).toEqual([
    { text: 'https://example.org/', href: 'https://example.org/' },
    { text: '\u202egpj.exe' },
  ]);
});

test.each(['javascript:alert(1)', 'data:text/html,x', 'https://', 'just text'])('%p is no link', (body) => {
  expect(piecesOf(body)).toEqual([{ text: body }]);
});
