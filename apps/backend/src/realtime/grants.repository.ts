import type { OrgRole } from '@plinth/contracts';
import type { Database } from '@plinth/database';

/** What a session may hear: the organisations of its user. A session that has ended has no entry. */
export type Grants = ReadonlyMap<string, Map<string, OrgRole>>;

/** What these sessions may hear now, in one query however many they are. */
export const createGrantsRepository = (database: Database) => ({
  async of(sessionIds: readonly string[]): Promise<Grants> {
    const rows = await database.query<{ sessionId: string; orgId: string | null; role: OrgRole }>(
      `SELECT s.id AS "sessionId", m.org_id AS "orgId", m.role::text AS role FROM sessions s
       JOIN users u ON u.id = s.user_id AND u.disabled_at IS NULL
       LEFT JOIN memberships m ON m.user_id = u.id
       WHERE s.id = ANY($1::uuid[]) AND s.revoked_at IS NULL`,
      [sessionIds],
      'realtime_grants',
    );
    const grants = new Map<string, Map<string, OrgRole>>();
    for (const { sessionId, orgId, role } of rows) {
      const roles = grants.get(sessionId) ?? new Map<string, OrgRole>();
      if (orgId !== null) roles.set(orgId, role);
      grants.set(sessionId, roles);
    }
    return grants;
  },
});

export type GrantsRepository = ReturnType<typeof createGrantsRepository>;
