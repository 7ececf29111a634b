import type { TestApp } from './create-test-app.ts';
import { until } from './until.ts';

/** Changes of memberships that are made but not committed, so that requests really wait for them. */
export function createMembershipChanges(getApp: () => TestApp) {
  const pending: (() => void)[] = [];
  return {
    /**
     * @param statement with the user's id as `$1`
     * @returns commits the change
     */
    async begin(userId: string, statement: string): Promise<() => Promise<void>> {
      const { promise, resolve } = Promise.withResolvers<void>();
      const { promise: changed, resolve: isChanged } = Promise.withResolvers<void>();
      pending.push(resolve);
      const committed = getApp().platform.database.sqlTransaction(async (sql) => {
        await sql.query(statement, [userId]);
        isChanged();
        await promise;
      });
      await changed;
      return async () => {
        resolve();
        await committed;
      };
    },

    /** Resolves when so many statements have passed the check at the door and wait for a row. */
    untilWaiting: (count: number) =>
      until(async () => {
        const [row] = await getApp().platform.database.query<{ waiting: bigint }>(
          `SELECT count(*) AS waiting FROM pg_stat_activity
           WHERE datname = current_database() AND wait_event_type = 'Lock'`,
        );
        return Number(row?.waiting) >= count;
      }),

    /** After each test: a failed one leaves nothing open. */
    end(): void {
      for (const finish of pending.splice(0)) finish();
    },
  };
}
