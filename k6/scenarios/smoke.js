/**
 * Does the core work at all, and quickly? Sign-up, login, organisations, members, refresh, logout; a few seconds.
 *   BASE_URL=http://localhost:8080 k6 run k6/scenarios/smoke.js
 * It stays within the default rate limits, also when it is repeated at once.
 */
import { login, logout, refresh, signUp } from '../lib/session.js';
import { call, expect, thresholds } from '../lib/target.js';

export const options = { vus: 1, iterations: 20, thresholds };

export function setup() {
  call('GET', '/healthz');
  call('GET', '/readyz');
  return login(signUp('Smoke test'));
}

export default function workspace({ token, userId }) {
  call('GET', '/api/v1/users/me', { token });
  const { body: organization } = call('POST', '/api/v1/orgs', {
    token,
    body: { name: `Smoke ${crypto.randomUUID()}` },
    status: 201,
  });
  const path = `/api/v1/orgs/${organization?.id}`;
  call('GET', path, { token, name: '/api/v1/orgs/:orgId' });
  const { body: members } = call('GET', `${path}/members`, { token, name: '/api/v1/orgs/:orgId/members' });
  expect('the founder is the first member', members?.items?.[0]?.userId === userId);
}

export function teardown(session) {
  logout(refresh(session));
}
