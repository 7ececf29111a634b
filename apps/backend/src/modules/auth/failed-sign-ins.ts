import type { Database } from '@plinth/database';
import type { Context } from '../../platform/context.ts';
import type { Limits } from '../../platform/limits/index.ts';
import type { AuditTrail } from '../audit/index.ts';
import type { KnownDevices } from './known-devices.ts';

/**
 * The audit trail cannot be shortened, so a flood must not fill it: of each account the first failures of an hour are
 * written, of addresses that belong to nobody the first ones altogether. The log and the metrics have all of them.
 */
const OF_ONE_ACCOUNT = { limit: 10, windowMs: 3_600_000 } as const;
const OF_NOBODY = { limit: 200, windowMs: 3_600_000 } as const;

/** Writes down refused sign-ins (ASVS 16.3.1): which account they were aimed at and from where, never the password. */
export function createFailedSignIns(deps: {
  database: Database;
  limits: Limits;
  devices: KnownDevices;
  audit: AuditTrail;
}) {
  const { database, limits, devices, audit } = deps;
  return {
    /** @param userId of the account, where there is one */
    async record(ctx: Context, email: string, userId: string | undefined): Promise<void> {
      const account = devices.accountOf(email);
      ctx.logger.warn(
        { event: 'login_failed', account, ...(userId && { user: userId }), ip: ctx.ip },
        'Sign-in refused',
      );
      const { allowed } = await limits.attempts.take([
        { key: `audit:account:${account}`, rate: OF_ONE_ACCOUNT },
        ...(userId === undefined ? [{ key: 'audit:nobody', rate: OF_NOBODY }] : []),
      ]);
      if (!allowed) return;
      await audit.append(database, ctx, {
        action: 'session.login_failed',
        targetType: userId === undefined ? 'account' : 'user',
        targetId: userId ?? account,
        details: { account, ip: ctx.ip ?? null },
      });
    },
  };
}

export type FailedSignIns = ReturnType<typeof createFailedSignIns>;
