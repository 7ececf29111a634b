import { describe, expect, test } from '@jest/globals';
import { describeDatabase, isLocalDatabase, parseDatabaseUrl } from './database-url.ts';
import { DatabaseUrlError } from './database-url-error.ts';

const BASE = 'postgresql://app:secret@db.example:6543/chat';
const parse = (query: string) => parseDatabaseUrl(`${BASE}?${query}`);

describe('a database URL', () => {
  test('gives host, port, user, password and database', () => {
    expect(parseDatabaseUrl(BASE)).toMatchObject({
      host: 'db.example',
      port: 6543,
      user: 'app',
      password: 'secret',
      database: 'chat',
      schema: 'public',
    });
  });

  test('has percent-encoded characters decoded', () => {
    expect(parseDatabaseUrl('postgres://a%40b:p%2Fw%3A%25@h/my%20db')).toMatchObject({
      user: 'a@b',
      password: 'p/w:%',
      database: 'my db',
      port: 5432,
    });
  });

  test('sets the pool through connection_limit, pool_timeout and connect_timeout', () => {
    expect(parse('connection_limit=20&pool_timeout=20&connect_timeout=10')).toMatchObject({
      connectionLimit: 20,
      poolTimeoutMs: 20_000,
      connectTimeoutMs: 10_000,
    });
  });

  test('bounds the pool when it says nothing about it', () => {
    expect(parseDatabaseUrl(BASE)).toMatchObject({
      connectionLimit: 20,
      poolTimeoutMs: 3_000,
      connectTimeoutMs: 3_000,
      pgbouncer: false,
    });
  });

  test('names PgBouncer, the application and the schema', () => {
    expect(parse('pgbouncer=true&application_name=worker')).toMatchObject({
      pgbouncer: true,
      applicationName: 'worker',
    });
    expect(parse('schema=tenant_1').schema).toBe('tenant_1');
  });

  test('may lead to a Unix socket or an IPv6 address', () => {
    expect(parseDatabaseUrl('postgresql://app@localhost/chat?host=/var/run/postgresql').host).toBe(
      '/var/run/postgresql',
    );
    expect(parseDatabaseUrl('postgresql://app@[::1]:5432/chat').host).toBe('::1');
  });

  test.each([
    ['disable', 'off'],
    ['require', 'verify'],
    ['verify-full', 'verify'],
    ['no-verify', 'encrypt-only'],
  ])('with sslmode=%s has TLS %s', (sslmode, mode) => {
    expect(parse(`sslmode=${sslmode}`).tls).toEqual({ mode });
  });

  test('names the files of certificates', () => {
    expect(parse('sslmode=verify-full&sslrootcert=/ca.pem&sslcert=/c.pem&sslkey=/k.pem').tls).toEqual({
      mode: 'verify',
      rootCertificate: '/ca.pem',
      clientCertificate: '/c.pem',
      clientKey: '/k.pem',
    });
  });
});

describe('a wrong database URL is refused with', () => {
  test.each([
    ['connection_limit=0', /connection_limit.*from 1 to 1000/],
    ['connection_limit=ten', /connection_limit/],
    ['connection_limit=1.5', /connection_limit/],
    ['pool_timeout=0', /pool_timeout.*seconds/],
    ['connect_timeout=-1', /connect_timeout/],
    ['pgbouncer=yes', /pgbouncer must be true or false/],
    ['conection_limit=5', /not known.*connection_limit/],
    ['statement_timeout=5', /not known/],
    ['pool_timeout=5&pool_timeout=6', /"pool_timeout" is given more than once/],
    ['sslmode=prefer', /sslmode.*verify-full/],
    ['sslmode=constructor', /sslmode must be one of/],
    ['sslrootcert=/ca.pem', /add sslmode/],
    ['sslmode=require&sslcert=/c.pem', /sslcert and sslkey belong together/],
    ['schema=a;drop', /schema must be a plain name/],
    ['schema=other&pgbouncer=true', /schema cannot be combined with pgbouncer/],
    ['host=db.example', /folder of a Unix socket/],
  ])('%s: its parameter is named', (query, message) => {
    expect(() => parse(query)).toThrow(message);
  });

  test.each([
    ['', /not a URL/],
    ['db.example/chat', /not a URL/],
    ['mysql://app@db.example/chat', /must start with postgresql/],
    ['postgresql://app@db.example', /names no database/],
    ['postgresql://app@db.example/a/b', /names no database/],
    ['postgresql://db.example/chat', /names no user/],
    ['postgresql://app@/chat', /names no host|not a URL/],
    ['postgresql://app:50%@db.example/chat', /password.*percent-encoded/],
  ])('the text "%s" a remedy', (url, message) => {
    expect(() => parseDatabaseUrl(url)).toThrow(message);
  });

  const AWKWARD = [
    '12?LEAK',
    '12#LEAK',
    '12/LEAK',
    '12@LEAK/LEAK',
    '12@LEAK?LEAK',
    '12@LEAK#LEAK',
    'LEAK?LEAK',
    'LEAK#LEAK',
    'LEAK/LEAK',
    '1?LEAK=LEAK',
    '1?connection_limit=LEAK',
    '1?connect_timeout=LEAK',
    '1?pgbouncer=LEAK',
    '1?schema=LEAK;',
    '1?sslmode=LEAK',
    '1?host=LEAK',
    '1?application_name=LEAK',
    '1?schema=a&schema=LEAK',
    '1?sslmode=require&sslcert=LEAK',
    '1@2?connection_limit=LEAK',
    '1@2/LEAK',
    '1@LEAK:LEAK/x',
    '%LEAK',
    'LEAK%',
    '1%zzLEAK',
    '1?%LEAK',
    '[LEAK?',
    '1?&LEAK',
  ];
  test.each(AWKWARD)('nothing of the password %s in its message, but how to write it', (password) => {
    const read = (url: string) => () => parseDatabaseUrl(url);
    for (const end of ['@db.example/chat', '@db.example', '@db.example:5432/chat?connection_limit=5']) {
      expect(read(`postgresql://app:${password}${end}`)).toThrow(DatabaseUrlError);
      expect(read(`postgresql://app:${password}${end}`)).toThrow(/percent-encode/i);
      expect(read(`postgresql://app:${password}${end}`)).toThrow(expect.not.stringMatching(/LEAK/i));
    }
    expect(
      parseDatabaseUrl(`postgresql://app:${encodeURIComponent(password)}@db.example/chat`).password,
    ).toBe(password);
  });

  test.each([
    'postgresql://app:hunter2@db.example/chat?hunter2=1',
    'hunter2:x',
    'postgresql://app:x@h/d?sslmode=hunter2',
    'postgresql://app:x@h/d?schema=hunter2-',
    'postgresql://app:x@h/d?pool_timeout=hunter2',
    'postgresql://app:x@h/d?host=hunter2',
  ])('no word of %s in its message', (url) => {
    expect(() => parseDatabaseUrl(url)).toThrow(expect.not.stringContaining('hunter2'));
  });
});

describe('the place of a database', () => {
  test.each([
    ['localhost', true],
    ['127.0.0.1', true],
    ['[::1]', true],
    ['10.0.0.1', false],
    ['localhost.evil.example', false],
    ['127.0.0.1.evil.example', false],
  ])('%s is on this machine: %s', (host, local) => {
    expect(isLocalDatabase(parseDatabaseUrl(`postgresql://app@${host}/chat`))).toBe(local);
  });

  test('is told without user and password', () => {
    expect(describeDatabase(parseDatabaseUrl(BASE))).toBe('chat at db.example:6543');
  });
});
