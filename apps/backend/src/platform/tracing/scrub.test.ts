import { describe, expect, test } from '@jest/globals';
import { isSecretKey, redisStatement, scrub, scrubSql, scrubText } from './scrub.ts';

const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTYifQ.c2lnbmF0dXJlLWhlcmU';

describe('a name that stands for a secret', () => {
  test.each([
    'authorization',
    'Cookie',
    'set-cookie',
    'x-api-key',
    'X-CSRF-Token',
    'password',
    'passwordHash',
    'token',
    'access_token',
    'refreshToken',
    'clientSecret',
    'api_key',
  ])('%s is recognised', (key) => {
    expect(isSecretKey(key)).toBe(true);
  });

  test.each(['author', 'path', 'passport', 'code', 'key', 'requestId', 'name'])('%s is not one', (key) => {
    expect(isSecretKey(key)).toBe(false);
  });
});

describe('a text that leaves the process', () => {
  test.each([
    ['Authorization was Bearer abc.def-123', 'Authorization was Bearer [redacted]'],
    ['Basic dXNlcjpwYXNz refused', 'Basic [redacted] refused'],
    [`token ${JWT} expired`, 'token [redacted] expired'],
    ['postgresql://app:hunter2@db:5432/plinth', 'postgresql://app:[redacted]@db:5432/plinth'],
    ['/reset?token=abc123&page=2', '/reset?token=[redacted]&page=2'],
    ['page=2&key=abc&code=xyz', 'page=2&key=[redacted]&code=[redacted]'],
    ['{"password":"hunter2","name":"Ada"}', '{"password":"[redacted]","name":"Ada"}'],
    ["{ refreshToken: 'abc', id: 7 }", "{ refreshToken: '[redacted]', id: 7 }"],
    ['invalid input syntax for type uuid: "my secret"', 'invalid input syntax for type uuid: "[redacted]"'],
  ])('%s loses its secret', (text, scrubbed) => {
    expect(scrubText(text)).toBe(scrubbed);
  });

  test.each([
    'connect ECONNREFUSED 127.0.0.1:5432',
    'duplicate key value violates unique constraint "users_email_key"',
    'Unexpected token: expected a string',
    '{"code":"ECONNREFUSED","port":5432}',
    'Basic checks failed',
  ])('%s stays as it is', (text) => {
    expect(scrubText(text)).toBe(text);
  });
});

describe('a structure that leaves the process', () => {
  test('keeps its shape and loses secrets at any depth', () => {
    const event = {
      message: 'failed with token=abc',
      extra: { headers: { Authorization: 'Bearer abcdefgh', accept: '*/*' }, attempts: [1, { apiKey: 'k' }] },
      user: { id: 'u1' },
      missing: undefined,
    };
    expect(scrub(event)).toEqual({
      message: 'failed with token=[redacted]',
      extra: {
        headers: { Authorization: '[redacted]', accept: '*/*' },
        attempts: [1, { apiKey: '[redacted]' }],
      },
      user: { id: 'u1' },
      missing: undefined,
    });
    expect(event.extra.headers.Authorization).toBe('Bearer abcdefgh');
  });

  test('may contain itself', () => {
    const node: Record<string, unknown> = { name: 'loop' };
    node.self = node;
    expect(JSON.stringify(scrub(node))).toContain('[cut]');
  });
});

describe('statements', () => {
  test('lose literal values and keep placeholders and names', () => {
    expect(
      scrubSql("SELECT id2, 'it''s me' FROM users2 WHERE a = $1 AND b = 4711 AND c > 1.5 LIMIT 50"),
    ).toBe('SELECT id2, ? FROM users2 WHERE a = $1 AND b = ? AND c > ? LIMIT ?');
    expect(scrubSql('SELECT $tag$ secret $tag$, $12')).toBe('SELECT ?, $12');
  });

  test('of Redis keep the namespace of the key only', () => {
    expect(redisStatement('set', ['session:4711', 'value'])).toBe('set session:?');
    expect(redisStatement('get', ['ada@example.com'])).toBe('get');
    expect(redisStatement('auth', ['hunter2'])).toBe('auth');
    expect(redisStatement('ping', [])).toBe('ping');
  });
});
