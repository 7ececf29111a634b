import type { Database } from '@plinth/database';
import type { Context } from '../../platform/context.ts';
import type { Limits } from '../../platform/limits/index.ts';
import type { AuditTrail } from '../audit/index.ts';
import type { KnownDevices } from './known-devices.ts';

/**
 * The audit trail cannot be shortened, so a flood must not fill it: of each account the first failures of an hour are
 * written, of addresses that belong to nobody the first ones altogether; so are the first right ones. The log has all
 * failures, and the table of sessions every sign-in.
 */
const OF_ONE_ACCOUNT = { limit: 10, windowMs: 3_600_000 } as const;
const RIGHT = { limit: 60, windowMs: 3_600_000 } as const;
const OF_NOBODY = { limit: 200, windowMs: 3_600_000 } as const;

/** Writes down sign-ins (ASVS 16.3.1): which account they were aimed at and from where, never the password. */
export function createSignInTrail(deps: {
  database: Database;
  limits: Limits;
  devices: KnownDevices;
  audit: AuditTrail;
}) {
  const { database, limits, devices, audit } = deps;
  return {
    /** Whether one more right sign-in to this account is written. Counts it. */
    async hasRoom(email: string): Promise<boolean> {
      const key = `audit:right:${devices.accountOf(email)}`;
      return (await limits.attempts.take([{ key, rate: RIGHT }])).allowed;
    },

    /** A refused one. @param userId of the account, where there is one */
    async failed(ctx: Context, email: string, userId: string | undefined): Promise<void> {
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

export type SignInTrail = ReturnType<typeof createSignInTrail>;
