import { expect, test } from '@jest/globals';
import { can } from './organizations.policy.ts';

test.each([
  ['OWNER', 'grant', 'ADMIN', true],
  ['ADMIN', 'grant', 'ADMIN', true],
  ['ADMIN', 'grant', 'OWNER', false],
  ['ADMIN', 'remove', 'OWNER', false],
  ['OWNER', 'remove', 'OWNER', true],
  ['MEMBER', 'grant', 'GUEST', false],
  ['MEMBER', 'remove', 'GUEST', false],
  ['GUEST', 'grant', 'GUEST', false],
] as const)('%s may %s the role %s: %s', (role, action, target, allowed) => {
  expect(can({ orgId: 'acme', role }, action, target)).toBe(allowed);
});
