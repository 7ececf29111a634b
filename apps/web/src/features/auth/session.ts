import { ApiError, CLIENT_CODES, type Client } from '@plinth/client/core';
import type { BrowserCookies, TokenPair, User } from '@plinth/contracts';
import { CSRF_HEADER } from './csrf.ts';

/** The access token is renewed this long before it ends, in milliseconds. */
export const RENEW_BEFORE_MS = 60_000;
/** A token that ends sooner than this is not used for a new call. */
const USABLE_MS = 15_000;
/** Next attempt after a renewal that got no answer. */
const RETRY_MS = 15_000;

export type SessionState =
  | { readonly status: 'restoring' }
  /** There may be a session, but nobody answers; `leaving` when its end was asked for and is not confirmed. */
  | { readonly status: 'unreachable'; readonly error: unknown; readonly leaving: boolean }
  | { readonly status: 'signedOut'; readonly reason: 'none' | 'left' | 'ended' }
  /** `kept`: the browser has kept the cookie, so that the session outlives this page. */
  | { readonly status: 'signedIn'; readonly user: User; readonly kept: boolean };

/** What one tab tells the other tabs of this browser. */
export type TabMessage =
  | { readonly type: 'signed-in'; readonly userId: string }
  | { readonly type: 'signed-out' };

/** What the session needs of its surroundings; `browserPorts` has the real ones. */
export interface SessionPorts {
  /** A client that sends no token by itself. */
  readonly client: Pick<Client, 'auth' | 'users'>;
  /** A cookie that scripts may read. */
  readonly cookie: (name: string) => string | undefined;
  /** Whether this page may keep cookies that are marked Secure. */
  readonly keepsSecureCookies: () => boolean;
  /** Remembered over reloads and by all tabs: signing out was asked for and is not confirmed by the server. */
  readonly leaving: { readonly get: () => boolean; readonly set: (leaving: boolean) => void };
  /** Runs one task at a time over all tabs of this browser. */
  readonly exclusively: <T>(task: () => Promise<T>) => Promise<T>;
  readonly tabs: {
    readonly tell: (message: TabMessage) => void;
    /** Returns the end of hearing. */
    readonly hear: (listener: (message: TabMessage) => void) => () => void;
  };
  readonly now: () => number;
  /** Runs a task after `ms` milliseconds; returns its cancellation. */
  readonly later: (ms: number, task: () => void) => () => void;
}

export type Credentials = { readonly email: string; readonly password: string };
export type NewAccount = Credentials & { readonly name: string; readonly organizationName: string };
export type Session = ReturnType<typeof createSession>;

/**
 * The session of this tab. The access token lives in this closure only; the refresh token is in a cookie that no
 * script can read. Tabs renew one after the other, because each renewal changes the cookie that they share.
 */
export const createSession = (ports: SessionPorts) => {
  const listeners = new Set<() => void>();
  let state: SessionState = { status: 'restoring' };
  let token: { readonly value: string; readonly endsAt: number } | undefined;
  let renewing: Promise<void> | undefined;
  let cancelRenewal = () => {};
  let cookies: BrowserCookies | undefined;

  const csrfToken = async (): Promise<string | undefined> => {
    cookies ??= await ports.client.auth.browserCookies();
    return ports.cookie(cookies.csrf);
  };

  const become = (next: SessionState) => {
    state = next;
    for (const listener of listeners) listener();
  };

  const end = (reason: 'none' | 'left' | 'ended') => {
    cancelRenewal();
    token = undefined;
    become({ status: 'signedOut', reason });
  };

  const renewAfter = (ms: number) => {
    cancelRenewal();
    cancelRenewal = ports.later(ms, () => {
      renew().catch(() => token !== undefined && renewAfter(RETRY_MS));
    });
  };

  const hold = (pair: TokenPair) => {
    const lifetime = pair.expiresIn * 1000;
    token = { value: pair.accessToken, endsAt: ports.now() + lifetime };
    renewAfter(Math.max(lifetime - RENEW_BEFORE_MS, lifetime / 2));
  };

  /**
   * Calls with the CSRF token. A refusal for want of it brings the cookie anew, so that the second attempt has it.
   * The server is asked also without one: only it knows whether there is a session.
   */
  const withCsrf = async <T>(call: (headers: Record<string, string>) => Promise<T>): Promise<T> => {
    const attempt = async () => {
      const csrf = await csrfToken();
      return await call(csrf === undefined ? {} : { [CSRF_HEADER]: csrf });
    };
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof ApiError && error.code === 'csrf_failed')) throw error;
      return await attempt();
    }
  };

  const renewNow = async () => {
    try {
      hold(await withCsrf((headers) => ports.client.auth.refresh({}, { headers })));
    } catch (error) {
      if (!hasEnded(error)) throw error;
      end('ended');
    }
  };

  const renew = (): Promise<void> => {
    renewing ??= ports.exclusively(renewNow).finally(() => {
      renewing = undefined;
    });
    return renewing;
  };

  /** Ends the session on the server, then here. Rejects when the server did not confirm it. */
  const leave = async () => {
    ports.leaving.set(true);
    try {
      await ports.exclusively(() =>
        withCsrf((headers) => {
          const bearer = token === undefined ? {} : { authorization: `Bearer ${token.value}` };
          return ports.client.auth.logout({}, { headers: { ...headers, ...bearer } });
        }),
      );
    } catch (error) {
      if (!hasEnded(error)) throw error;
    }
    ports.leaving.set(false);
    end('left');
    ports.tabs.tell({ type: 'signed-out' });
  };

  /** Takes up the session of this browser, if there is one. Never rejects: `state()` says what came of it. */
  const restore = async () => {
    const leaving = ports.leaving.get();
    become({ status: 'restoring' });
    try {
      const csrf = await csrfToken();
      if (csrf === undefined && !leaving) return end('none');
      // Whoever asked to sign out is not signed in again because the answer got lost.
      if (leaving) return await leave();
      await renew();
      if (token === undefined) return;
      const headers = { authorization: `Bearer ${token.value}` };
      become({ status: 'signedIn', user: await ports.client.users.getMe({}, { headers }), kept: true });
    } catch (error) {
      if (hasEnded(error)) end('ended');
      else become({ status: 'unreachable', error, leaving });
    }
  };

  const enter = async (call: () => Promise<TokenPair & { user: User }>) => {
    const { user, ...pair } = await ports.exclusively(call);
    ports.leaving.set(false);
    hold(pair);
    // When the name cannot be had, nothing is claimed.
    const kept = await csrfToken().then(
      (csrf) => csrf !== undefined,
      () => true,
    );
    become({ status: 'signedIn', user, kept });
    ports.tabs.tell({ type: 'signed-in', userId: user.id });
  };

  const stopHearing = ports.tabs.hear((message) => {
    if (message.type === 'signed-out') {
      if (state.status !== 'signedOut') end('left');
    } else if (state.status !== 'signedIn' || state.user.id !== message.userId) {
      // Somebody else owns the cookie now: what this tab shows is not theirs.
      token = undefined;
      void restore();
    }
  });

  return {
    state: () => state,
    subscribe: (listener: () => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    restore,

    /** Rejects with the `ApiError` of the login. */
    signIn: (credentials: Credentials) =>
      enter(() => ports.client.auth.login({ body: { ...credentials, refreshTokenIn: 'cookie' } })),

    /** Rejects with the `ApiError` of the sign-up. */
    signUp: (account: NewAccount) =>
      enter(() => ports.client.auth.signUp({ body: { ...account, refreshTokenIn: 'cookie' } })),

    /**
     * Ends the session on the server, then here. Rejects, still signed in, when the server did not confirm it; the
     * wish is remembered, and the next `restore` fulfils it instead of signing in.
     */
    signOut: leave,

    /** Takes back the wish to sign out. */
    stay: () => {
      ports.leaving.set(false);
      return restore();
    },

    /** The cookies of this service are for https, and the browser would not keep them on this page. */
    dropsCookies: () => cookies?.secure === true && !ports.keepsSecureCookies(),

    /**
     * A token for the next call, renewed first when it is about to end or was `rejected`; undefined when nobody is
     * signed in. Rejects when a needed renewal got no answer.
     */
    token: async (rejected?: string): Promise<string | undefined> => {
      if (state.status === 'signedOut') return undefined;
      const usable = token !== undefined && token.endsAt - ports.now() > USABLE_MS;
      if (token === undefined || !usable || token.value === rejected) await renew();
      return token?.value;
    },

    close: () => {
      cancelRenewal();
      stopHearing();
      listeners.clear();
    },
  };
};

/**
 * The service itself answered that there is no such session: 401 in its own words. Any other refusal, and a 401 of
 * something in between, ends nothing.
 */
const hasEnded = (error: unknown): boolean =>
  error instanceof ApiError && error.status === 401 && error.code !== CLIENT_CODES.unexpectedReply;
