/**
 * The chat: a channel, then posting to it and reading it. With more than a handful of users raise the limits of the
 * server (RATE_LIMIT_GENERAL): each budget is one user's, and all virtual users share one account.
 *   BASE_URL=http://localhost:8080 k6 run k6/scenarios/messages.js
 *   k6 run --vus 20 --iterations 2000 k6/scenarios/messages.js
 */
import { firstOrganization, logout, signUp } from '../lib/session.js';
import { call, expect, thresholds } from '../lib/target.js';

export const options = { vus: 5, iterations: 100, thresholds };

const CHANNELS = '/api/v1/orgs/:orgId/channels';

export function setup() {
  const session = signUp('Chat test');
  const path = `/api/v1/orgs/${firstOrganization(session).id}/channels`;
  const { body: channel } = call('POST', path, {
    name: CHANNELS,
    token: session.token,
    body: { name: `k6-${crypto.randomUUID().slice(0, 8)}` },
    status: 201,
  });
  return { session, path: `${path}/${channel?.id}/messages` };
}

export default function conversation({ session: { token }, path }) {
  const name = `${CHANNELS}/:channelId/messages`;
  const message = { body: `Hello from ${__VU}/${__ITER}`, clientId: crypto.randomUUID() };
  const { body: posted } = call('POST', path, { name, token, body: message, status: 201 });
  // Sent again, as after a lost reply: the stored message comes back, no second one.
  const { body: repeated } = call('POST', path, { name, token, body: message, status: 201 });
  expect('the same clientId is the same message', posted?.id === repeated?.id);
  const { body: page } = call('GET', `${path}?limit=50`, { name, token });
  expect('a posted message is listed', page?.items?.some(({ id }) => id === posted?.id) === true);
}

export function teardown({ session }) {
  logout(session);
}
