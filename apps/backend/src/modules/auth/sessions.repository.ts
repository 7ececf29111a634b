import type { PlatformRole } from '@plinth/contracts';
import type { Database, Prisma, Tx } from '@plinth/database';

export interface SessionRow {
  readonly id: string;
  readonly userId: string;
  readonly role: PlatformRole;
  readonly expiresAt: Date;
  readonly revokedAt: Date | null;
  readonly userDisabledAt: Date | null;
}

export interface NewSession {
  readonly id: string;
  readonly userId: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly ip: string | null;
  readonly userAgent: string | null;
}

export interface NewRefreshToken {
  readonly hash: Uint8Array<ArrayBuffer>;
  readonly parentHash: Uint8Array<ArrayBuffer> | null;
  readonly sessionId: string;
  readonly issuedAt: Date;
  readonly expiresAt: Date;
}

type Client = Prisma.TransactionClient;

const PURGE_AT_ONCE = 1000;
const PURGE_TOKENS = `DELETE FROM refresh_tokens WHERE hash IN (
  SELECT hash FROM refresh_tokens WHERE expires_at < now() - interval '1 day' LIMIT $1) RETURNING 1`;
const PURGE_SESSIONS = `DELETE FROM sessions WHERE id IN (
  SELECT id FROM sessions WHERE expires_at < now() - make_interval(days => $1)
    OR revoked_at < now() - make_interval(days => $1) LIMIT $2) RETURNING 1`;

// One that is locked is being used: waiting for it could end in a circle, since that one may wait for the user's row.
const END_OLDEST = `UPDATE sessions SET revoked_at = $2::timestamptz, revoked_reason = 'too_many' WHERE id IN (
  SELECT id FROM sessions WHERE id IN (
    SELECT id FROM sessions WHERE user_id = $1::uuid AND revoked_at IS NULL AND expires_at > $2::timestamptz
    ORDER BY last_used_at DESC, id DESC OFFSET $3::int)
  FOR UPDATE SKIP LOCKED) RETURNING id`;

/** Sessions and their refresh tokens. */
export const createSessionRepository = (database: Database) => ({
  insert: (prisma: Client, session: NewSession) =>
    prisma.session.create({ data: { ...session, lastUsedAt: session.createdAt } }),

  /**
   * The session with its user, locked: everything that happens to one family happens one after the other, and an account
   * disabled meanwhile is seen.
   */
  async lock(tx: Tx, id: string): Promise<SessionRow | undefined> {
    const [row] = await tx.query<SessionRow>(
      `SELECT s.id, s.user_id AS "userId", u.role::text AS role, s.expires_at AS "expiresAt",
         s.revoked_at AS "revokedAt", u.disabled_at AS "userDisabledAt"
       FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.id = $1::uuid FOR UPDATE OF s FOR SHARE OF u`,
      [id],
    );
    return row;
  },

  touch: (prisma: Client, id: string, at: Date) =>
    prisma.session.update({ where: { id }, data: { lastUsedAt: at } }),

  revoke: (prisma: Client, id: string, at: Date, reason: string) =>
    prisma.session.update({ where: { id }, data: { revokedAt: at, revokedReason: reason } }),

  /** Ends the open sessions of somebody beyond so many: those used longest ago. @returns their ids */
  async endOldest(tx: Tx, userId: string, at: Date, keep: number): Promise<string[]> {
    const rows = await tx.query<{ id: string }>(END_OLDEST, [userId, at, keep]);
    return rows.map(({ id }) => id);
  },

  /** Sessions that ended since then: revoked themselves, or their user disabled. */
  async revokedSince(since: Date): Promise<string[]> {
    const rows = await database.prisma.session.findMany({
      where: { OR: [{ revokedAt: { gte: since } }, { user: { disabledAt: { gte: since } } }] },
      select: { id: true },
    });
    return rows.map(({ id }) => id);
  },

  /**
   * Forgets what can decide nothing any more: tokens that have expired, and sessions some time after their end.
   * @returns how many rows went
   */
  async purge(keepDays: number): Promise<number> {
    const [tokens, gone] = await Promise.all([
      database.query(PURGE_TOKENS, [PURGE_AT_ONCE]),
      database.query(PURGE_SESSIONS, [keepDays, PURGE_AT_ONCE]),
    ]);
    return tokens.length + gone.length;
  },

  insertToken: (prisma: Client, token: NewRefreshToken) => prisma.refreshToken.create({ data: token }),
  findToken: (prisma: Client, hash: Uint8Array<ArrayBuffer>) =>
    prisma.refreshToken.findUnique({ where: { hash } }),
  findSuccessor: (prisma: Client, hash: Uint8Array<ArrayBuffer>) =>
    prisma.refreshToken.findUnique({ where: { parentHash: hash } }),
  markUsed: (prisma: Client, hash: Uint8Array<ArrayBuffer>, at: Date) =>
    prisma.refreshToken.update({ where: { hash }, data: { usedAt: at } }),
});

export type SessionRepository = ReturnType<typeof createSessionRepository>;
