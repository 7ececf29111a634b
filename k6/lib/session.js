import { fail } from 'k6';
import { call } from './target.js';

/** A password that no list of common ones holds. */
const PASSWORD = `k6-${crypto.randomUUID()}`;

const opened = ({ status, body }, credentials) => {
  // Without a session every later request would fail too; one clear end is better.
  if (!body?.accessToken) fail(`No session: sign-in answered ${status}. Is the limit of sign-ins used up?`);
  return { ...credentials, token: body.accessToken, refreshToken: body.refreshToken, userId: body.user.id };
};

/**
 * Creates an account with its first organisation. Sign-up and login share a budget for each address (RATE_LIMIT_AUTH,
 * 10 in 5 minutes): call them in `setup()`, or raise it for the test.
 */
export function signUp(name = 'Load test') {
  const credentials = { email: `k6-${crypto.randomUUID()}@example.com`, password: PASSWORD };
  const reply = call('POST', '/api/v1/auth/sign-up', {
    body: { ...credentials, name, organizationName: `${name} organisation` },
    status: 201,
  });
  return opened(reply, credentials);
}

/** Signs in; returns the session as `signUp` does. */
export function login({ email, password }) {
  return opened(call('POST', '/api/v1/auth/login', { body: { email, password } }), { email, password });
}

/** Exchanges the refresh token; returns the session with its new tokens. */
export function refresh(session) {
  const { body } = call('POST', '/api/v1/auth/refresh', { body: { refreshToken: session.refreshToken } });
  return { ...session, token: body?.accessToken, refreshToken: body?.refreshToken };
}

/** Ends the session. */
export function logout({ refreshToken }) {
  call('POST', '/api/v1/auth/logout', { body: { refreshToken }, status: 204 });
}

/** The organisation that came with the account. */
export function firstOrganization({ token }) {
  const { body } = call('GET', '/api/v1/orgs', { token });
  return body?.items?.[0] ?? fail('The account has no organisation.');
}
