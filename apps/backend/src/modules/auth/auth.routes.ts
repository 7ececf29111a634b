import { authContract, CSRF_HEADER } from '@plinth/contracts';
import { bindRoutes } from '../../http/bind-routes.ts';
import type { Exchange } from '../../http/cookies.ts';
import { AppError } from '../../platform/errors.ts';
import type { AuthService, IssuedTokens } from './auth.service.ts';
import type { RefreshTokens } from './refresh-tokens.ts';

export interface CookieNames {
  readonly secure: boolean;
  readonly refresh: string;
  readonly csrf: string;
}

type Travel = 'body' | 'cookie';

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
    /** The token of the body, else the cookie's; the latter only with the CSRF token that belongs to it. */
    async receive(
      exchange: Exchange,
      fromBody: string | undefined,
    ): Promise<{ token?: string; travel: Travel }> {
      if (fromBody !== undefined) return { token: fromBody, travel: 'body' };
      const token = exchange.cookie(cookies.refresh);
      if (token === undefined) return { travel: 'cookie' };
      const claims = await tokens.read(token);
      if (claims && !tokens.csrfMatches(claims.sessionId, exchange.header(CSRF_HEADER))) {
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
  now: () => Date;
}) {
  const { auth } = deps;
  const transport = refreshTransport(deps.cookies, deps.refreshTokens, deps.now);
  return bindRoutes(authContract, {
    signUp: async ({ ctx, body: { refreshTokenIn, ...input }, exchange }) => {
      const { user, tokens } = await auth.signUp(ctx, input);
      return { user, ...transport.deliver(exchange, tokens, refreshTokenIn) };
    },
    login: async ({ ctx, body: { refreshTokenIn, ...input }, exchange }) => {
      const { user, tokens } = await auth.login(ctx, input);
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
      const { token, travel } = await transport.receive(exchange, body.refreshToken);
      await auth.logout(ctx, token);
      if (travel === 'cookie') {
        transport.forget(exchange);
        exchange.setHeader('Clear-Site-Data', '"cache", "cookies", "storage"');
      }
    },
  });
}
