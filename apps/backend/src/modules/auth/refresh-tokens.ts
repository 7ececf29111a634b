import { createHmac, hash, type KeyObject, randomBytes, timingSafeEqual } from 'node:crypto';
import { type JWTHeaderParameters, jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import type { KeyRing } from './signing-keys.ts';

const TYP = 'rt+jwt';
const ALG = 'HS256';

const Claims = z.object({ sid: z.uuid(), jti: z.string().min(40), sub: z.uuid().optional() });

/** A refresh token as the database knows it: by the hash of its id. */
export interface RefreshTokenRecord {
  readonly sessionId: string;
  readonly issuedAt: Date;
  readonly expiresAt: Date;
}

/** What a valid refresh token says. */
export interface RefreshTokenClaims {
  readonly sessionId: string;
  /** Not in tokens of former versions. */
  readonly userId: string | undefined;
  /** The token's secret id. */
  readonly jti: string;
}

const seconds = (date: Date): number => Math.floor(date.getTime() / 1000);

/**
 * Makes and checks refresh tokens. A token's id is a secret of 256 bits of which the database keeps a hash. The id of
 * a successor is derived from its predecessor's with our key: whoever presents the predecessor within the grace gets
 * the very same successor again, although it is stored nowhere.
 */
export function createRefreshTokens(options: { issuer: string }, deps: { keys: KeyRing; now: () => Date }) {
  const { keys, now } = deps;
  const keyFor = (header: JWTHeaderParameters) => {
    const key = keys.byId.get(header.kid ?? '');
    if (!key) throw new Error('unknown key');
    return key;
  };
  const mac = (key: KeyObject, purpose: string, value: string): Buffer =>
    createHmac('sha256', key).update(`${purpose}:${value}`).digest();
  const successor = (key: KeyObject, jti: string): string => mac(key, 'successor', jti).toString('base64url');
  const hashOf = (jti: string): Uint8Array<ArrayBuffer> => new Uint8Array(hash('sha256', jti, 'buffer'));

  return {
    /** Id of the first token of a session. */
    newId: (): string => randomBytes(32).toString('base64url'),
    /** Id of the token that replaces this one. */
    successorOf: (jti: string): string => successor(keys.current.key, jti),
    /** The id of the successor that is stored under this hash, also when a former key derived it. */
    storedSuccessorOf: (jti: string, stored: Uint8Array): string | undefined =>
      [...keys.byId.values()]
        .map((key) => successor(key, jti))
        .find((id) => timingSafeEqual(hashOf(id), stored)),
    /** What is stored of an id. */
    hashOf,

    sign: (jti: string, userId: string, record: RefreshTokenRecord): Promise<string> =>
      new SignJWT({ sid: record.sessionId })
        .setProtectedHeader({ alg: ALG, typ: TYP, kid: keys.current.kid })
        .setSubject(userId)
        .setJti(jti)
        .setIssuer(options.issuer)
        .setAudience(options.issuer)
        .setIssuedAt(seconds(record.issuedAt))
        .setExpirationTime(seconds(record.expiresAt))
        .sign(keys.current.key),

    /** Undefined for anything that is not a refresh token of ours, expired ones included. */
    async read(token: string): Promise<RefreshTokenClaims | undefined> {
      try {
        const { payload } = await jwtVerify(token, keyFor, {
          algorithms: [ALG],
          typ: TYP,
          issuer: options.issuer,
          audience: options.issuer,
          requiredClaims: ['exp', 'iat'],
          currentDate: now(),
        });
        const { sid, sub, jti } = Claims.parse(payload);
        return { sessionId: sid, userId: sub, jti };
      } catch {
        return undefined;
      }
    },

    /** The CSRF token of a session: nobody can make it without our key, and it fits no other session. */
    csrfOf: (sessionId: string): string => mac(keys.current.key, 'csrf', sessionId).toString('base64url'),
    csrfMatches(sessionId: string, given: string | undefined): boolean {
      const actual = Buffer.from(given ?? '', 'base64url');
      const fits = (key: KeyObject): boolean => {
        const expected = mac(key, 'csrf', sessionId);
        return actual.length === expected.length && timingSafeEqual(actual, expected);
      };
      return [...keys.byId.values()].some(fits);
    },
  };
}

export type RefreshTokens = ReturnType<typeof createRefreshTokens>;
