import { z } from 'zod';
import { ByOrg, Id, Timestamp } from './common.ts';
import { defineContract } from './contract.ts';
import { PageQuery, pageOf } from './paging.ts';
import { ORG_MANAGERS } from './roles.ts';

export const AuditEntry = z.object({
  id: Id,
  at: Timestamp,
  actorType: z.enum(['anonymous', 'user', 'system']),
  actorId: Id.nullable(),
  /** What was done, as `subject.verb`. */
  action: z.string(),
  targetType: z.string(),
  targetId: z.string().nullable(),
  requestId: z.string().nullable(),
  details: z.record(z.string(), z.unknown()),
});
export type AuditEntry = z.output<typeof AuditEntry>;

export const auditContract = defineContract({
  listAuditEntries: {
    method: 'get',
    path: '/orgs/:orgId/audit',
    summary: 'Who did what in an organisation, newest first',
    access: { orgRoles: ORG_MANAGERS },
    params: ByOrg,
    query: PageQuery,
    status: 200,
    reply: pageOf(AuditEntry),
  },
});
