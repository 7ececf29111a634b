import { routePath, usersContract } from '@plinth/contracts';
import { NotFound, type Scenario } from './scenario.ts';

export const ownProfileScenario: Scenario = {
  title: 'Authenticated one-row read',
  method: 'GET',
  path: routePath(usersContract.getMe),
  status: 200,
  database: true,
  goal: 0.75,
  prepare: async () => ({ target: routePath(usersContract.getMe) }),
  plain: (pool, userId) => async () => {
    const { rows } = await pool.query({
      name: 'user_by_id',
      text: `SELECT id, email, name, role::text AS role, created_at AS "createdAt" FROM users WHERE id = $1::uuid AND disabled_at IS NULL`,
      values: [userId],
    });
    if (!rows[0]) throw new NotFound();
    return rows[0];
  },
};
