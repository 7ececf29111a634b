import type { PlatformRole } from '@plinth/contracts';
import type { Database, Prisma, Sql } from '@plinth/database';
import { v7 as uuidv7 } from 'uuid';
import { AppError } from '../../platform/errors.ts';

export interface UserRow {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly role: PlatformRole;
  readonly createdAt: Date;
}

/** A user as signing in needs it; the hash never leaves the modules `users` and `auth`. */
export interface Credentials extends UserRow {
  readonly passwordHash: string;
  readonly disabledAt: Date | null;
}

const PUBLIC = { id: true, email: true, name: true, role: true, createdAt: true } as const;

/** Finding and storing people. */
export const createUserDirectory = (database: Database) => ({
  /** One of the hottest reads, so it goes past Prisma through the same pool. Disabled users are not found. */
  async findById(id: string): Promise<UserRow | undefined> {
    const [row] = await database.query<UserRow>(
      `SELECT id, email, name, role::text AS role, created_at AS "createdAt" FROM users WHERE id = $1::uuid AND disabled_at IS NULL`,
      [id],
      'user_by_id',
    );
    return row;
  },

  findCredentials: (email: string): Promise<Credentials | null> =>
    database.prisma.user.findUnique({
      where: { email },
      select: { ...PUBLIC, passwordHash: true, disabledAt: true },
    }),

  /**
   * Comes first in what people do in their own right: their accounts cannot be disabled before the transaction ends.
   * @param lock UPDATE where the transaction changes the account itself: two that share it would wait for each other
   * @throws AppError session_ended for a disabled account
   */
  async lockActive(sql: Sql, id: string, lock: 'SHARE' | 'UPDATE' = 'SHARE'): Promise<void> {
    const rows = await sql.query(
      `SELECT 1 FROM users WHERE id = $1::uuid AND disabled_at IS NULL FOR ${lock === 'SHARE' ? 'SHARE' : 'NO KEY UPDATE'}`,
      [id],
    );
    if (rows.length === 0) throw new AppError('session_ended', 'This session has ended. Sign in again.');
  },

  /** Fails with a unique violation when the email is taken. */
  insert: (
    prisma: Prisma.TransactionClient,
    user: { email: string; name: string; passwordHash: string },
  ): Promise<UserRow> => prisma.user.create({ data: { id: uuidv7(), ...user }, select: PUBLIC }),

  rename: (prisma: Prisma.TransactionClient, id: string, name: string): Promise<UserRow> =>
    prisma.user.update({ where: { id }, data: { name }, select: PUBLIC }),

  /** The present platform role; undefined for nobody and for a disabled user. */
  async platformRole(id: string): Promise<PlatformRole | undefined> {
    const user = await database.prisma.user.findFirst({
      where: { id, disabledAt: null },
      select: { role: true },
    });
    return user?.role;
  },
});

export type UserDirectory = ReturnType<typeof createUserDirectory>;
