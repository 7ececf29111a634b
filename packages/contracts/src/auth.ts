import { z } from 'zod';
import { defineContract } from './contract.ts';
import { Email, singleLine, token } from './fields.ts';
import { GivenPassword, NewPassword } from './passwords.ts';
import { MAX_NAME, User } from './users.ts';

/**
 * Where the refresh token travels. `body` is for API clients; `cookie` is for browsers: the token is then
 * in an HttpOnly cookie only and never in a reply's body.
 */
const RefreshTokenIn = z.enum(['body', 'cookie']).default('body');

export const TokenPair = z.object({
  accessToken: z.string(),
  /** Lifetime of the access token in seconds. */
  expiresIn: z.int(),
  /** Absent when it is delivered as a cookie. */
  refreshToken: z.string().optional(),
});
export type TokenPair = z.infer<typeof TokenPair>;

export const SignedIn = TokenPair.extend({ user: User });
export type SignedIn = z.infer<typeof SignedIn>;

export const SignUp = z.strictObject({
  email: Email,
  password: NewPassword,
  name: singleLine(MAX_NAME),
  organizationName: singleLine(MAX_NAME),
  refreshTokenIn: RefreshTokenIn,
});

export const Login = z.strictObject({
  email: Email,
  password: GivenPassword,
  refreshTokenIn: RefreshTokenIn,
});

/** Empty for browsers, whose refresh token is in the cookie. */
export const WithRefreshToken = z.strictObject({ refreshToken: token(2048).optional() });

/** Header that proves a cookie-authenticated request comes from our own page. */
export const CSRF_HEADER = 'x-csrf-token';

/** What a page needs to know of the session's cookies; the names differ from instance to instance. */
export const BrowserCookies = z.object({ csrf: z.string(), secure: z.boolean() });
export type BrowserCookies = z.infer<typeof BrowserCookies>;

export const authContract = defineContract({
  signUp: {
    method: 'post',
    path: '/auth/sign-up',
    summary: 'Create an account and its first organisation, and sign in',
    access: 'public',
    limit: 'auth',
    session: 'begins',
    body: SignUp,
    errors: ['conflict'],
    status: 201,
    reply: SignedIn,
  },
  login: {
    method: 'post',
    path: '/auth/login',
    summary: 'Sign in with email and password',
    access: 'public',
    limit: 'login',
    session: 'begins',
    body: Login,
    errors: ['invalid_credentials'],
    status: 200,
    reply: SignedIn,
  },
  refresh: {
    method: 'post',
    path: '/auth/refresh',
    summary: 'Exchange the refresh token for a new pair; an old one used again ends the session',
    access: 'public',
    limit: 'session',
    session: 'renews',
    body: WithRefreshToken,
    errors: ['unauthenticated', 'session_ended', 'csrf_failed'],
    status: 200,
    reply: TokenPair,
  },
  logout: {
    method: 'post',
    path: '/auth/logout',
    summary: 'End the session of the refresh token or of the access token',
    access: 'public',
    limit: 'session',
    session: 'ends',
    body: WithRefreshToken,
    errors: ['csrf_failed'],
    status: 204,
    reply: z.void(),
  },
  browserCookies: {
    method: 'get',
    path: '/auth/browser-cookies',
    summary: 'Which cookie holds the CSRF token, and whether browsers keep it over https only',
    access: 'public',
    limit: 'none',
    status: 200,
    reply: BrowserCookies,
  },
});
