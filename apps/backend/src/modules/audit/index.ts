import { auditContract } from '@plinth/contracts';
import { bindRoutes } from '../../http/bind-routes.ts';
import type { Module } from '../../module.ts';
import type { Platform } from '../../platform/index.ts';
import { type AuditTrail, auditEntries, createAuditTrail } from './audit.repository.ts';

export type { AuditTrail, NewAuditEntry } from './audit.repository.ts';

/** Who did what: the trail that other modules write to, and its reading for owners and admins. */
export function auditModule({ database }: Platform): Module & { trail: AuditTrail } {
  const entries = auditEntries(database.prisma);
  return {
    name: 'audit',
    trail: createAuditTrail(),
    routes: bindRoutes(auditContract, {
      listAuditEntries: ({ params, query }) => entries.page(params.orgId, query),
    }),
  };
}
