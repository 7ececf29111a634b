import { expect, test } from '@jest/globals';
import { MAX_MESSAGE_LENGTH } from '@plinth/contracts/text';
import { isSendable, messageText, roomLeft } from './message-text.ts';

test('a message keeps its lines and loses the space around it and invisible control characters', () => {
  expect(messageText('  one\n\ttwo\u0000\r \n')).toBe('one\n\ttwo');
  expect(messageText('one\r\ntwo')).toBe('one\ntwo');
});

test('a message of nothing but space cannot be sent', () => {
  expect(isSendable(' \n ')).toBe(false);
});

test('nor can one of characters that nobody sees', () => {
  for (const typed of ['\u3164', '\u2800\u200b', '\u00ad', '\u0301']) expect(isSendable(typed)).toBe(false);
});

test('an emoji counts as one character, as it does for the service', () => {
  expect(isSendable('😀'.repeat(MAX_MESSAGE_LENGTH))).toBe(true);
  expect(isSendable('😀'.repeat(MAX_MESSAGE_LENGTH + 1))).toBe(false);
  expect(roomLeft('😀'.repeat(MAX_MESSAGE_LENGTH - 10))).toBe('10 characters left');
});

test('a message may be as long as the limit and not longer', () => {
  expect(isSendable('x'.repeat(MAX_MESSAGE_LENGTH))).toBe(true);
  expect(isSendable('x'.repeat(MAX_MESSAGE_LENGTH + 1))).toBe(false);
});

test('the room that is left is shown near the limit only', () => {
  expect(roomLeft('short')).toBeUndefined();
  expect(roomLeft('x'.repeat(MAX_MESSAGE_LENGTH - 10))).toBe('10 characters left');
  expect(roomLeft('x'.repeat(MAX_MESSAGE_LENGTH + 3))).toBe('3 characters too many');
});
