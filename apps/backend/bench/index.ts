import { aboutScenario } from './health.ts';
import { messagesScenarios } from './messages.ts';
import type { Scenario } from './scenario.ts';
import { ownProfileScenario } from './users.ts';

/** What is measured. A module that is removed takes its lines with it. */
export const scenarios: readonly Scenario[] = [
  // In the order of the table.
  aboutScenario,
  ownProfileScenario,
  ...messagesScenarios,
];
