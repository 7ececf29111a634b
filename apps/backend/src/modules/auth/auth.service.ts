import { isIP } from 'node:net';
import type { OrgRole } from '@plinth/contracts';
import { classifyDatabaseError, type Database, type Tx } from '@plinth/database';
import { v7 as uuidv7 } from 'uuid';
import type { Context, UserActor } from '../../platform/context.ts';
import { AppError } from '../../platform/errors.ts';
import { networksOf } from '../../platform/limits/networks.ts';
import type { Metrics } from '../../platform/metrics.ts';
import type { AuditTrail } from '../audit/index.ts';
import type { UserDirectory, UserRow } from '../users/index.ts';
import type { AccessTokens } from './access-tokens.ts';
import type { Claim } from './fair-line.ts';
import type { PasswordHasher } from './passwords.ts';
import type { RefreshTokenRecord, RefreshTokens } from './refresh-tokens.ts';
import type { Revocations } from './revocations.ts';
import type { SessionRepository, SessionRow } from './sessions.repository.ts';
import type { SignInTrail } from './sign-in-trail.ts';
import { weaknessOf } from './weak-passwords.ts';

export interface AuthOptions {
  readonly accessTtlS: number;
  readonly refreshTtlS: number;
  readonly sessionTtlS: number;
  readonly refreshGraceS: number;
}

/** Creates an organisation with its owner; brought in from outside, so that `auth` knows nothing of tenants. */
export type FoundOrganization = (
  tx: Tx,
  ctx: { actor: UserActor; requestId: string },
  name: string,
) => Promise<{ id: string; role: OrgRole }>;

export interface AuthDeps {
  readonly database: Database;
  readonly users: UserDirectory;
  readonly foundOrganization: FoundOrganization;
  readonly audit: AuditTrail;
  readonly sessions: SessionRepository;
  readonly passwords: PasswordHasher;
  readonly accessTokens: AccessTokens;
  readonly refreshTokens: RefreshTokens;
  readonly revocations: Revocations;
  readonly signInTrail: SignInTrail;
  readonly metrics: Metrics;
  readonly now: () => Date;
}

/** Tokens as they are handed out, before it is decided how they travel. */
export interface IssuedTokens {
  readonly sessionId: string;
  readonly accessToken: string;
  readonly expiresIn: number;
  readonly refreshToken: string;
  readonly refreshExpiresAt: Date;
}

/**
 * Open sessions of one account: more than anybody has devices, few enough that signing in over and over does not fill
 * the database. One more ends the one used longest ago.
 */
const MAX_SESSIONS = 50;

/** For whom a password is hashed: the widest network, so that many addresses of one owner are one. */
const claimOf = ({ ip, signal }: Context, account: string): Claim => {
  const network = ip === undefined ? undefined : networksOf(ip).at(-1)?.key;
  return { account, signal, ...(network !== undefined && { network }) };
};

const later = (from: Date, seconds: number): Date => new Date(from.getTime() + seconds * 1000);
const earlier = (a: Date, b: Date): Date => (a < b ? a : b);
const actorOf = ({ id, role }: UserRow, { sessionId }: IssuedTokens): UserActor => ({
  type: 'user',
  userId: id,
  sessionId,
  role,
});
const ended = () => new AppError('session_ended', 'This session has ended. Sign in again.');

export function createAuthService(options: AuthOptions, deps: AuthDeps) {
  const { database, sessions, refreshTokens, audit, revocations, now } = deps;

  const issue = async (
    session: { id: string; userId: string; role: UserActor['role'] },
    jti: string,
    record: RefreshTokenRecord,
  ): Promise<IssuedTokens> => ({
    sessionId: session.id,
    accessToken: await deps.accessTokens.sign({
      userId: session.userId,
      sessionId: session.id,
      role: session.role,
    }),
    expiresIn: options.accessTtlS,
    refreshToken: await refreshTokens.sign(jti, session.userId, record),
    refreshExpiresAt: record.expiresAt,
  });

  /** A new session with its first refresh token (ASVS 7.2.4: each sign-in gets its own). */
  const openSession = async (tx: Tx, ctx: Context, user: UserRow): Promise<IssuedTokens> => {
    const createdAt = now();
    const id = uuidv7();
    const expiresAt = later(createdAt, options.sessionTtlS);
    await sessions.insert(tx.prisma, {
      id,
      userId: user.id,
      createdAt,
      expiresAt,
      ip: ctx.ip && isIP(ctx.ip) ? ctx.ip : null,
      userAgent: ctx.userAgent ?? null,
    });
    const jti = refreshTokens.newId();
    const record = {
      sessionId: id,
      issuedAt: createdAt,
      expiresAt: earlier(later(createdAt, options.refreshTtlS), expiresAt),
    };
    await sessions.insertToken(tx.prisma, { ...record, hash: refreshTokens.hashOf(jti), parentHash: null });
    return issue({ id, userId: user.id, role: user.role }, jti, record);
  };

  const revoke = async (
    tx: Tx,
    ctx: Context,
    session: SessionRow,
    reason: 'logout' | 'refresh_token_reused',
  ) => {
    await sessions.revoke(tx.prisma, session.id, now(), reason);
    await audit.append(tx, ctx, {
      action: `session.${reason}`,
      targetType: 'session',
      targetId: session.id,
      details: { userId: session.userId },
    });
  };

  /** Replaces the live leaf of a family. */
  const rotate = async (tx: Tx, session: SessionRow, jti: string): Promise<IssuedTokens> => {
    const at = now();
    const next = refreshTokens.successorOf(jti);
    const record = {
      sessionId: session.id,
      issuedAt: at,
      expiresAt: earlier(later(at, options.refreshTtlS), session.expiresAt),
    };
    const hash = refreshTokens.hashOf(jti);
    await sessions.markUsed(tx.prisma, hash, at);
    await sessions.insertToken(tx.prisma, { ...record, hash: refreshTokens.hashOf(next), parentHash: hash });
    await sessions.touch(tx.prisma, session.id, at);
    return issue(session, next, record);
  };

  /**
   * What becomes of a presented token: the live leaf is rotated; its predecessor, within the grace and while the leaf
   * is unused, gets the same leaf again; anything older is reuse and ends the family (RFC 9700, 4.14.2).
   */
  const exchange = async (
    tx: Tx,
    ctx: Context,
    sessionId: string,
    jti: string,
  ): Promise<IssuedTokens | 'reused' | 'ended'> => {
    const session = await sessions.lock(tx, sessionId);
    if (!session || session.revokedAt || session.userDisabledAt || session.expiresAt <= now()) return 'ended';
    const hash = refreshTokens.hashOf(jti);
    const token = await sessions.findToken(tx.prisma, hash);
    if (token && token.sessionId === session.id) {
      if (!token.usedAt) return rotate(tx, session, jti);
      const successor = await sessions.findSuccessor(tx.prisma, hash);
      const inGrace = now().getTime() - token.usedAt.getTime() <= options.refreshGraceS * 1000;
      const next = successor && refreshTokens.storedSuccessorOf(jti, successor.hash);
      if (next && !successor.usedAt && inGrace) return issue(session, next, successor);
    }
    await revoke(tx, ctx, session, 'refresh_token_reused');
    return 'reused';
  };

  return {
    /** Creates the account, its first organisation and a session, all or nothing. */
    async signUp(
      ctx: Context,
      input: { email: string; password: string; name: string; organizationName: string },
    ) {
      const weakness = weaknessOf(input.password, input);
      if (weakness) {
        throw new AppError('invalid_input', 'Choose a password that is harder to guess.', {
          errors: [{ in: 'body', field: 'password', message: weakness }],
        });
      }
      const passwordHash = await deps.passwords.hash(input.password, claimOf(ctx, input.email));
      try {
        return await database.transaction(async (tx) => {
          const user = await deps.users.insert(tx.prisma, {
            email: input.email,
            name: input.name,
            passwordHash,
          });
          const tokens = await openSession(tx, ctx, user);
          const asUser = { ...ctx, actor: actorOf(user, tokens) };
          await audit.append(tx, asUser, { action: 'user.signed_up', targetType: 'user', targetId: user.id });
          await deps.foundOrganization(tx, asUser, input.organizationName);
          return { user, tokens };
        });
      } catch (error) {
        if (classifyDatabaseError(error) !== 'unique') throw error;
        throw new AppError('conflict', 'There is an account with this email already. Sign in instead.', {
          cause: error,
          errors: [{ in: 'body', field: 'email', message: 'Taken: sign in, or use another address' }],
        });
      }
    },

    /** @throws AppError invalid_credentials, the same whether the email or the password is wrong */
    async login(ctx: Context, { email, password }: { email: string; password: string }) {
      const found = await deps.users.findCredentials(email);
      const right = await deps.passwords.verify(found?.passwordHash, password, claimOf(ctx, email));
      if (!found || !right || found.disabledAt) {
        deps.metrics.authFailures.inc({ reason: 'credentials' });
        await deps.signInTrail.failed(ctx, email, found?.id);
        throw new AppError('invalid_credentials', 'Email or password is wrong.');
      }
      const { passwordHash, disabledAt, ...user } = found;
      const isNoted = await deps.signInTrail.hasRoom(email);
      const { tokens, superseded } = await database.transaction(async (tx) => {
        await deps.users.lockActive(tx, user.id);
        const opened = await openSession(tx, ctx, user);
        const asUser = { ...ctx, actor: actorOf(user, opened) };
        if (isNoted)
          await audit.append(tx, asUser, {
            action: 'session.login',
            targetType: 'session',
            targetId: opened.sessionId,
          });
        return {
          tokens: opened,
          superseded: await sessions.endOldest(tx, user.id, now(), MAX_SESSIONS),
        };
      });
      if (superseded.length > 0) revocations.announce(superseded);
      return { user, tokens };
    },

    /** @throws AppError session_ended for everything but a good token */
    async refresh(ctx: Context, token: string): Promise<IssuedTokens> {
      const claims = await refreshTokens.read(token);
      if (!claims) {
        deps.metrics.authFailures.inc({ reason: 'refresh_token' });
        throw ended();
      }
      const outcome = await database.transaction((tx) => exchange(tx, ctx, claims.sessionId, claims.jti));
      if (outcome === 'reused') {
        revocations.announce([claims.sessionId]);
        deps.metrics.authFailures.inc({ reason: 'refresh_token_reused' });
        ctx.logger.warn(
          { event: 'refresh_token_reused', session: claims.sessionId },
          'A used refresh token came again: the session is ended',
        );
      }
      if (typeof outcome === 'string') throw ended();
      return outcome;
    },

    /** Ends the session of a refresh token and one known otherwise, if there are any; doing it twice is no error. */
    async logout(ctx: Context, token: string | undefined, sessionId?: string): Promise<void> {
      const claims = token === undefined ? undefined : await refreshTokens.read(token);
      const ids = [...new Set([claims?.sessionId, sessionId])].filter((id) => id !== undefined);
      if (ids.length === 0) return;
      await database.transaction(async (tx) => {
        for (const id of ids) {
          const session = await sessions.lock(tx, id);
          if (session && !session.revokedAt) await revoke(tx, ctx, session, 'logout');
        }
      });
      revocations.announce(ids);
    },
  };
}

export type AuthService = ReturnType<typeof createAuthService>;
