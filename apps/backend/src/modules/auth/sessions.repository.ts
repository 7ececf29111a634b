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

/** Sessions and their refresh tokens. */
export const createSessionRepository = (database: Database) => ({
  insert: (prisma: Client, session: NewSession) =>
    prisma.session.create({ data: { ...session, lastUsedAt: session.createdAt } }),

  /** The session with its user, locked: everything that happens to one family happens one after the other. */
  async lock(tx: Tx, id: string): Promise<SessionRow | undefined> {
    const [row] = await tx.query<SessionRow>(
      `SELECT s.id, s.user_id AS "userId", u.role::text AS role, s.expires_at AS "expiresAt",
         s.revoked_at AS "revokedAt", u.disabled_at AS "userDisabledAt"
       FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.id = $1::uuid FOR UPDATE OF s`,
      [id],
    );
    return row;
  },

  touch: (prisma: Client, id: string, at: Date) =>
    prisma.session.update({ where: { id }, data: { lastUsedAt: at } }),

  revoke: (prisma: Client, id: string, at: Date, reason: string) =>
    prisma.session.update({ where: { id }, data: { revokedAt: at, revokedReason: reason } }),

  /** Sessions that ended since then: revoked themselves, or their user disabled. */
  async revokedSince(since: Date): Promise<string[]> {
    const rows = await database.prisma.session.findMany({
      where: { OR: [{ revokedAt: { gte: since } }, { user: { disabledAt: { gte: since } } }] },
      select: { id: true },
    });
    return rows.map(({ id }) => id);
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
