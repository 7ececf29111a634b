import { hash } from 'node:crypto';
import { PlatformRole } from '@plinth/contracts';
import { decodeJwt, errors, type JWTHeaderParameters, jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import type { UserActor } from '../../platform/context.ts';
import { AppError } from '../../platform/errors.ts';
import type { KeyRing } from './signing-keys.ts';

export interface TokenOptions {
  readonly issuer: string;
  readonly audience: string;
  readonly accessTtlS: number;
}

/** Media type of access tokens (RFC 9068): no other kind of token passes for one. */
const TYP = 'at+jwt';
const ALG = 'HS256';
/** Clocks of two instances may differ by this much. */
const CLOCK_TOLERANCE_S = 5;
/** Verified tokens remembered at most; the oldest goes first. */
const CACHE_SIZE = 10_000;

const Claims = z.object({ sub: z.uuid(), sid: z.uuid(), role: PlatformRole, exp: z.int() });

const refused = (message: string, cause?: unknown) => new AppError('unauthenticated', message, { cause });

/** Makes and checks access tokens. Whether the session behind a token still lives is checked apart. */
export function createAccessTokens(options: TokenOptions, deps: { keys: KeyRing; now: () => Date }) {
  const { keys, now } = deps;
  const verified = new Map<string, { actor: UserActor; expiresMs: number }>();

  const keyFor = (header: JWTHeaderParameters) => {
    // Only our own ids are looked up; jku, jwk and x5u in the header mean nothing to us (RFC 8725, 3.10).
    const key = keys.byId.get(header.kid ?? '');
    if (!key) throw refused('The access token was signed with an unknown key. Sign in again.');
    return key;
  };

  const check = async (token: string) => {
    try {
      const { payload } = await jwtVerify(token, keyFor, {
        algorithms: [ALG],
        typ: TYP,
        issuer: options.issuer,
        audience: options.audience,
        requiredClaims: ['sub', 'sid', 'exp', 'iat'],
        clockTolerance: CLOCK_TOLERANCE_S,
        currentDate: now(),
      });
      const { sub, sid, role, exp } = Claims.parse(payload);
      const actor: UserActor = { type: 'user', userId: sub, sessionId: sid, role };
      return { actor, expiresMs: exp * 1000 };
    } catch (error) {
      if (error instanceof AppError) throw error;
      if (error instanceof errors.JWTExpired)
        throw refused('The access token has expired. Refresh it.', error);
      throw refused('The access token is not valid. Sign in again.', error);
    }
  };

  return {
    sign(actor: Omit<UserActor, 'type'>): Promise<string> {
      const issuedAt = Math.floor(now().getTime() / 1000);
      return new SignJWT({ sid: actor.sessionId, role: actor.role })
        .setProtectedHeader({ alg: ALG, typ: TYP, kid: keys.current.kid })
        .setSubject(actor.userId)
        .setIssuer(options.issuer)
        .setAudience(options.audience)
        .setIssuedAt(issuedAt)
        .setExpirationTime(issuedAt + options.accessTtlS)
        .sign(keys.current.key);
    },

    /**
     * Checks signature, type, issuer, audience and time. A token found good is remembered until it expires.
     * @throws AppError unauthenticated
     */
    async verify(token: string): Promise<UserActor> {
      const id = hash('sha256', token, 'base64');
      const known = verified.get(id);
      if (known && known.expiresMs > now().getTime()) return known.actor;
      const result = await check(token);
      if (verified.size >= CACHE_SIZE) {
        const oldest = verified.keys().next().value;
        if (oldest !== undefined) verified.delete(oldest);
      }
      verified.set(id, result);
      return result.actor;
    },

    /** When a token that was verified before ends. */
    expiryOf: (token: string): Date => new Date((decodeJwt(token).exp ?? 0) * 1000),
  };
}

export type AccessTokens = ReturnType<typeof createAccessTokens>;
