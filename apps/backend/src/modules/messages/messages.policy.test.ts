import { expect, test } from '@jest/globals';
import { can } from './messages.policy.ts';

const message = { authorId: 'ada' };

test.each([
  ['ada', 'MEMBER', 'edit', true],
  ['ada', 'MEMBER', 'delete', true],
  ['grace', 'MEMBER', 'edit', false],
  ['grace', 'MEMBER', 'delete', false],
  ['grace', 'ADMIN', 'edit', false],
  ['grace', 'ADMIN', 'delete', true],
  ['grace', 'OWNER', 'delete', true],
  ['ada', 'GUEST', 'edit', false],
  ['ada', 'GUEST', 'delete', false],
] as const)("on ada's message, %s as %s may %s: %s", (userId, role, action, allowed) => {
  expect(can({ userId, role }, action, message)).toBe(allowed);
});
