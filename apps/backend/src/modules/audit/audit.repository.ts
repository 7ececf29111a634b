import type { AuditEntry, PageQuery } from '@plinth/contracts';
import type { PrismaClient, Sql } from '@plinth/database';
import { v7 as uuidv7 } from 'uuid';
import { BOUNDS, shrink } from '../../platform/bounds.ts';
import type { Actor, Context } from '../../platform/context.ts';
import { keyset, sortKey } from '../../platform/page.ts';

export interface NewAuditEntry {
  /** What was done, as `subject.verb`. */
  readonly action: string;
  readonly targetType: string;
  readonly targetId: string | null;
  /** The organisation whose owners may read it. */
  readonly orgId?: string;
  /** Never a secret, never a whole message; what is longer than {@link BOUNDS} allows is cut, with a mark. */
  readonly details?: Readonly<Record<string, unknown>>;
}

const actorId = (actor: Actor): string | null => (actor.type === 'user' ? actor.userId : null);

/** The writing side. Entries join the caller's transaction: no change without its entry, no entry without its change. */
export function createAuditTrail() {
  return {
    async append(sql: Sql, ctx: Pick<Context, 'actor' | 'requestId'>, entry: NewAuditEntry): Promise<void> {
      await sql.query(
        `INSERT INTO audit_entries (id, org_id, actor_type, actor_id, action, target_type, target_id, request_id, details)
         VALUES ($1::uuid, $2::uuid, $3, $4::uuid, $5, $6, $7, $8, $9::jsonb)`,
        [
          uuidv7(),
          entry.orgId ?? null,
          ctx.actor.type,
          actorId(ctx.actor),
          entry.action,
          entry.targetType,
          entry.targetId,
          ctx.requestId,
          shrink(JSON.stringify(entry.details ?? {}), BOUNDS.auditDetails),
        ],
        'audit_append',
      );
    },
  };
}

export type AuditTrail = ReturnType<typeof createAuditTrail>;

/** By the database's clock; the id only tells entries of one moment apart. */
const byTime = keyset('audit', sortKey.time, sortKey.id);

/** The reading side, always inside one organisation. */
export const auditEntries = (prisma: PrismaClient) => ({
  async page(orgId: string, query: PageQuery) {
    const page = byTime.open(query, orgId);
    const [at, id] = page.after;
    const rows = await prisma.auditEntry.findMany({
      // `lte` says no more than the alternatives do, but makes a range of the index.
      where: {
        orgId,
        ...(at && id && { at: { lte: at }, OR: [{ at: { lt: at } }, { at, id: { lt: id } }] }),
      },
      orderBy: [{ at: 'desc' }, { id: 'desc' }],
      take: page.take,
    });
    return page.of(rows as (Omit<AuditEntry, 'at'> & { at: Date })[], (entry) => [
      entry.at.getTime(),
      entry.id,
    ]);
  },
});
