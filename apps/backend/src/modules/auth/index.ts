import { Email } from '@plinth/contracts';
import { z } from 'zod';
import type { VerifyAccessToken } from '../../http/authenticate.ts';
import type { CallerPorts } from '../../http/rate-limit.ts';
import type { Module } from '../../module.ts';
import type { Platform } from '../../platform/index.ts';
import type { AuditTrail } from '../audit/index.ts';
import type { UserDirectory } from '../users/index.ts';
import { createAccessTokens } from './access-tokens.ts';
import { authRoutes } from './auth.routes.ts';
import { createAuthService, type FoundOrganization } from './auth.service.ts';
import { createKnownDevices } from './known-devices.ts';
import { createPasswordHasher } from './passwords.ts';
import { createRefreshTokens } from './refresh-tokens.ts';
import { createRevocations } from './revocations.ts';
import { createSessionRepository } from './sessions.repository.ts';
import { createSignInTrail } from './sign-in-trail.ts';
import { createKeyRing } from './signing-keys.ts';

const PURGE_EVERY_MS = 3_600_000;
/** Ended sessions are kept so long, for whoever asks what happened. */
const KEEP_ENDED_DAYS = 30;

/** What the edge (routes, sockets) asks of this module. */
export interface TokenPorts {
  readonly verifyAccessToken: VerifyAccessToken;
  readonly accessTokenExpiry: (token: string) => Date;
}

const Aim = z.object({ email: Email });
const Carried = z.object({ refreshToken: z.string().max(2048) });

/** Signing up, in and out; access tokens and rotating refresh tokens. */
export function authModule(
  platform: Platform,
  deps: { audit: AuditTrail; users: UserDirectory; foundOrganization: FoundOrganization },
): Module & { tokens: TokenPorts; callers: CallerPorts } {
  const { config, database, bus, limits, logger, metrics, now } = platform;
  const accessTokens = createAccessTokens(config.tokens, {
    keys: createKeyRing(config.tokens.accessSecrets),
    now,
  });
  const refreshKeys = createKeyRing(config.tokens.refreshSecrets);
  const refreshTokens = createRefreshTokens(config.tokens, { keys: refreshKeys, now });
  const devices = createKnownDevices({ keys: refreshKeys, now });
  const sessions = createSessionRepository(database);
  const revocations = createRevocations(config.tokens, { sessions, bus, logger, now });
  const passwords = createPasswordHasher(config.passwords);
  const auth = createAuthService(config.tokens, {
    database,
    metrics,
    now,
    sessions,
    passwords,
    accessTokens,
    refreshTokens,
    revocations,
    signInTrail: createSignInTrail({ database, limits, devices, audit: deps.audit }),
    ...deps,
  });
  const verifyAccessToken: VerifyAccessToken = async (token) => {
    await revocations.ready;
    const actor = await accessTokens.verify(token);
    revocations.check(actor.sessionId);
    return actor;
  };
  return {
    name: 'auth',
    tokens: {
      verifyAccessToken,
      accessTokenExpiry: accessTokens.expiryOf,
    },
    callers: {
      async holderOf(exchange, body) {
        const token = Carried.safeParse(body).data?.refreshToken ?? exchange.cookie(config.cookies.refresh);
        return token === undefined ? undefined : refreshTokens.read(token);
      },
      aimOf(exchange, body) {
        const email = Aim.safeParse(body).data?.email;
        if (email === undefined) return {};
        const account = devices.accountOf(email);
        const device = devices.knows(exchange.cookie(config.cookies.device), account);
        return { account, ...(device !== undefined && { device }) };
      },
    },
    routes: authRoutes({ auth, cookies: config.cookies, devices, refreshTokens, verifyAccessToken, now }),
    jobs: [
      {
        name: 'sessions.purge',
        everyMs: PURGE_EVERY_MS,
        run: async () => {
          while ((await sessions.purge(KEEP_ENDED_DAYS)) > 0);
        },
      },
    ],
    async close() {
      revocations.close();
      await passwords.close();
    },
  };
}
