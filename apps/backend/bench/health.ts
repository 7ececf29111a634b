import { healthContract, routePath } from '@plinth/contracts';
import type { Scenario } from './scenario.ts';

export const aboutScenario: Scenario = {
  title: 'Small JSON route',
  method: 'GET',
  path: routePath(healthContract.about),
  status: 200,
  database: false,
  goal: 0.6,
  prepare: async () => ({ target: routePath(healthContract.about) }),
  plain: () => () => ({ name: 'plinth', version: 'dev' }),
};
