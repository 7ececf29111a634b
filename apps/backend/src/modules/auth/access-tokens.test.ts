import { createHmac, generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { SignJWT } from 'jose';
import { createAccessTokens } from './access-tokens.ts';
import { createRefreshTokens } from './refresh-tokens.ts';
import { createKeyRing } from './signing-keys.ts';

const SECRET = 'access-0123456789-0123456789-0123456789';
const options = { issuer: 'plinth', audience: 'plinth-api', accessTtlS: 900 };
const actor = {
  userId: '0198a1b2-0000-7000-8000-000000000001',
  sessionId: '0198a1b2-0000-7000-8000-000000000002',
  role: 'USER',
} as const;

function setUp(secrets: readonly string[] = [SECRET]) {
  let time = new Date('2026-01-01T00:00:00Z');
  const keys = createKeyRing(secrets);
  const now = () => time;
  return {
    keys,
    tokens: createAccessTokens(options, { keys, now }),
    wait: (seconds: number) => {
      time = new Date(time.getTime() + seconds * 1000);
    },
    now,
  };
}

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const flip = (text: string, at: number) => {
  const bytes = Buffer.from(text, 'base64url');
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  return bytes.toString('base64url');
};

describe('an access token', () => {
  test('names its user, session and role for fifteen minutes', async () => {
    const { tokens, wait } = setUp();
    const token = await tokens.sign(actor);
    expect(await tokens.verify(token)).toEqual({ type: 'user', ...actor });
    wait(899);
    expect(await tokens.verify(token)).toEqual({ type: 'user', ...actor });
    wait(10);
    await expect(tokens.verify(token)).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  test('is accepted under a former key, and refused when that key is gone', async () => {
    const old = setUp(['former-0123456789-0123456789-0123456789']);
    const token = await old.tokens.sign(actor);
    const rotated = setUp([SECRET, 'former-0123456789-0123456789-0123456789']);
    expect(await rotated.tokens.verify(token)).toMatchObject({ userId: actor.userId });
    await expect(setUp().tokens.verify(token)).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  test('with any part changed is refused', async () => {
    const { tokens } = setUp();
    const [header = '', payload = '', signature = ''] = (await tokens.sign(actor)).split('.');
    for (const forged of [
      [header, payload, flip(signature, 0)],
      [header, flip(payload, 10), signature],
      [header, payload, ''],
      [header, encode({ ...actor, sub: actor.userId, role: 'SUPER_ADMIN' }), signature],
    ]) {
      await expect(tokens.verify(forged.join('.'))).rejects.toMatchObject({ code: 'unauthenticated' });
    }
  });

  test('of another algorithm, type, issuer or audience, or without an end, is refused (RFC 8725)', async () => {
    const { tokens, keys, now } = setUp();
    const issuedAt = Math.floor(now().getTime() / 1000);
    const { kid, key } = keys.current;
    const claims = {
      sub: actor.userId,
      sid: actor.sessionId,
      role: 'USER',
      iss: 'plinth',
      aud: 'plinth-api',
      iat: issuedAt,
      exp: issuedAt + 60,
    };
    const good = { alg: 'HS256', typ: 'at+jwt', kid };
    const sign = (header: typeof good, payload: Record<string, unknown>) =>
      new SignJWT(payload).setProtectedHeader(header).sign(key);
    expect(await tokens.verify(await sign(good, claims))).toMatchObject({ userId: actor.userId });

    const { exp, ...endless } = claims;
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const bad = [
      await sign({ ...good, typ: 'JWT' }, claims),
      await sign({ ...good, typ: 'rt+jwt' }, claims),
      await sign({ ...good, alg: 'HS512' }, claims),
      await sign({ ...good, kid: 'unknown' }, claims),
      await sign(good, { ...claims, iss: 'somebody-else' }),
      await sign(good, { ...claims, aud: 'another-api' }),
      await sign(good, { ...claims, nbf: issuedAt + 600 }),
      await sign(good, endless),
      await sign(good, { ...claims, role: 'ROOT' }),
      await new SignJWT(claims).setProtectedHeader({ ...good, alg: 'RS256' }).sign(privateKey),
      `${encode({ ...good, alg: 'none' })}.${encode(claims)}.`,
    ];
    for (const token of bad)
      await expect(tokens.verify(token)).rejects.toMatchObject({ code: 'unauthenticated' });
    expect(exp).toBe(issuedAt + 60);
  });

  test('that brings its own key along is refused', async () => {
    const { tokens, now } = setUp();
    const issuedAt = Math.floor(now().getTime() / 1000);
    const own = Buffer.from('attacker-0123456789-0123456789-012345');
    const jwk = { kty: 'oct', k: own.toString('base64url') };
    const head = encode({ alg: 'HS256', typ: 'at+jwt', jwk, jku: 'https://evil.example/jwks', kid: 'own' });
    const body = encode({
      sub: actor.userId,
      sid: actor.sessionId,
      role: 'ADMIN',
      iss: 'plinth',
      aud: 'plinth-api',
      iat: issuedAt,
      exp: issuedAt + 60,
    });
    const signature = createHmac('sha256', own).update(`${head}.${body}`).digest('base64url');
    await expect(tokens.verify(`${head}.${body}.${signature}`)).rejects.toMatchObject({
      code: 'unauthenticated',
    });
  });
});

describe('a refresh token', () => {
  test('is no access token, even when both kinds have one key', async () => {
    const { tokens, keys, now } = setUp();
    const refresh = createRefreshTokens(options, { keys, now });
    const token = await refresh.sign(refresh.newId(), actor.userId, {
      sessionId: actor.sessionId,
      issuedAt: now(),
      expiresAt: new Date(now().getTime() + 60_000),
    });
    expect(await refresh.read(token)).toMatchObject({ sessionId: actor.sessionId });
    await expect(tokens.verify(token)).rejects.toMatchObject({ code: 'unauthenticated' });
    expect(await refresh.read(await tokens.sign(actor))).toBeUndefined();
  });

  test('has one successor, which only our key can derive', () => {
    const { keys, now } = setUp();
    const ours = createRefreshTokens(options, { keys, now });
    const theirs = createRefreshTokens(options, { keys: createKeyRing([`${SECRET}!`]), now });
    const id = ours.newId();
    expect(ours.successorOf(id)).toBe(ours.successorOf(id));
    expect(theirs.successorOf(id)).not.toBe(ours.successorOf(id));
  });

  test("comes with a CSRF token that fits its session and no other's", () => {
    const { keys, now } = setUp();
    const refresh = createRefreshTokens(options, { keys, now });
    const csrf = refresh.csrfOf(actor.sessionId);
    expect(refresh.csrfMatches(actor.sessionId, csrf)).toBe(true);
    expect(refresh.csrfMatches(actor.userId, csrf)).toBe(false);
    expect(refresh.csrfMatches(actor.sessionId, undefined)).toBe(false);
    expect(refresh.csrfMatches(actor.sessionId, '')).toBe(false);
  });
});
