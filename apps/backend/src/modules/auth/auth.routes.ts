import { authContract, CSRF_HEADER } from '@plinth/contracts';
import type { CookieNames } from '../../config/index.ts';
import { bearerOf, type VerifyAccessToken } from '../../http/authenticate.ts';
import { bindRoutes } from '../../http/bind-routes.ts';
import type { Exchange } from '../../http/cookies.ts';
import { AppError, ERRORS } from '../../platform/errors.ts';
import type { AuthService, IssuedTokens } from './auth.service.ts';
import type { KnownDevices } from './known-devices.ts';
import type { RefreshTokens } from './refresh-tokens.ts';

type Travel = 'body' | 'cookie';

/** How long a CSRF cookie that is given again may be used; the next refresh replaces it. */
const CSRF_AGAIN_S = 300;

/** How refresh tokens travel: in the body for API clients; for browsers in a cookie that scripts cannot read. */
function refreshTransport(cookies: CookieNames, tokens: RefreshTokens, now: () => Date) {
  const { secure } = cookies;
  return {
    deliver(exchange: Exchange, issued: IssuedTokens, travel: Travel) {
      const { accessToken, expiresIn, refreshToken } = issued;
      if (travel === 'body') return { accessToken, expiresIn, refreshToken };
      const maxAgeS = Math.max(0, Math.floor((issued.refreshExpiresAt.getTime() - now().getTime()) / 1000));
      exchange.setCookie(cookies.refresh, refreshToken, { httpOnly: true, secure, maxAgeS });
      exchange.setCookie(cookies.csrf, tokens.csrfOf(issued.sessionId), { httpOnly: false, secure, maxAgeS });
      return { accessToken, expiresIn };
    },
    /**
     * The token of the body, else the cookie's. The latter only with proof that our own page sends it: the CSRF token
     * that belongs to it, or an access token of the same session, which no browser adds by itself.
     */
    async receive(
      exchange: Exchange,
      fromBody: string | undefined,
      provenSession?: string,
    ): Promise<{ token?: string; travel: Travel }> {
      if (fromBody !== undefined) return { token: fromBody, travel: 'body' };
      const token = exchange.cookie(cookies.refresh);
      if (token === undefined) return { travel: 'cookie' };
      const claims = await tokens.read(token);
      const proven =
        claims?.sessionId === provenSession ||
        (claims && tokens.csrfMatches(claims.sessionId, exchange.header(CSRF_HEADER)));
      if (claims && !proven) {
        // A page that has lost its CSRF cookie gets it back; another site can neither read it nor send the header.
        const csrf = tokens.csrfOf(claims.sessionId);
        exchange.setCookie(cookies.csrf, csrf, { httpOnly: false, secure, maxAgeS: CSRF_AGAIN_S });
        throw new AppError(
          'csrf_failed',
          `Send the value of the cookie "${cookies.csrf}" as the header "${CSRF_HEADER}".`,
        );
      }
      return { token, travel: 'cookie' };
    },
    forget(exchange: Exchange) {
      exchange.setCookie(cookies.refresh, '', { httpOnly: true, secure, maxAgeS: 0 });
      exchange.setCookie(cookies.csrf, '', { httpOnly: false, secure, maxAgeS: 0 });
    },
  };
}

export function authRoutes(deps: {
  auth: AuthService;
  cookies: CookieNames;
  refreshTokens: RefreshTokens;
  verifyAccessToken: VerifyAccessToken;
  devices: KnownDevices;
  now: () => Date;
}) {
  const { auth, cookies, devices } = deps;
  const remember = (exchange: Exchange, email: string) => {
    const { value, maxAgeS } = devices.remember(exchange.cookie(cookies.device), devices.accountOf(email));
    exchange.setCookie(cookies.device, value, { httpOnly: true, secure: cookies.secure, maxAgeS });
  };
  const transport = refreshTransport(cookies, deps.refreshTokens, deps.now);
  /** The session of the access token, if a good one was sent; leaving with an old one is no error. */
  const sessionOfBearer = async (exchange: Exchange): Promise<string | undefined> => {
    const token = bearerOf(exchange.header('authorization'));
    if (token === undefined) return undefined;
    const actor = await deps.verifyAccessToken(token).catch((error: unknown) => {
      if (!(error instanceof AppError && ERRORS[error.code].status === 401)) throw error;
    });
    return actor?.sessionId;
  };
  return bindRoutes(authContract, {
    signUp: async ({ ctx, body: { refreshTokenIn, ...input }, exchange }) => {
      const { user, tokens } = await auth.signUp(ctx, input);
      remember(exchange, input.email);
      return { user, ...transport.deliver(exchange, tokens, refreshTokenIn) };
    },
    login: async ({ ctx, body: { refreshTokenIn, ...input }, exchange }) => {
      const { user, tokens } = await auth.login(ctx, input);
      remember(exchange, input.email);
      return { user, ...transport.deliver(exchange, tokens, refreshTokenIn) };
    },
    refresh: async ({ ctx, body, exchange }) => {
      const { token, travel } = await transport.receive(exchange, body.refreshToken);
      if (token === undefined)
        throw new AppError(
          'unauthenticated',
          'There is no refresh token, neither in the body nor in a cookie. Sign in.',
        );
      return transport.deliver(exchange, await auth.refresh(ctx, token), travel);
    },
    logout: async ({ ctx, body, exchange }) => {
      const ofBearer = await sessionOfBearer(exchange);
      const { token, travel } = await transport.receive(exchange, body.refreshToken, ofBearer);
      await auth.logout(ctx, token, ofBearer);
      if (travel === 'cookie') {
        transport.forget(exchange);
        // Cache and storage belong to this origin alone (ASVS 14.3.1). "cookies" would clear those of the whole
        // registrable domain, our neighbours' included: ours are deleted one by one above.
        exchange.setHeader('Clear-Site-Data', '"cache", "storage"');
      }
    },
    browserCookies: () => ({ csrf: deps.cookies.csrf, secure: deps.cookies.secure }),
  });
}
