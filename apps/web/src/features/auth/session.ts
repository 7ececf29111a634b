import { ApiError, type Client } from '@plinth/client/core';
import type { TokenPair, User } from '@plinth/contracts';
import { CSRF_HEADER } from './csrf.ts';

/** The access token is renewed this long before it ends, in milliseconds. */
export const RENEW_BEFORE_MS = 60_000;
/** A token that ends sooner than this is not used for a new call. */
const USABLE_MS = 15_000;
/** Next attempt after a renewal that got no answer. */
const RETRY_MS = 15_000;

export type SessionState =
  | { readonly status: 'restoring' }
  /** There may be a session, but nobody answers. */
  | { readonly status: 'unreachable'; readonly error: unknown }
  | { readonly status: 'signedOut'; readonly reason: 'none' | 'left' | 'ended' }
  | { readonly status: 'signedIn'; readonly user: User };

/** What one tab tells the other tabs of this browser. */
export type TabMessage =
  | { readonly type: 'signed-in'; readonly userId: string }
  | { readonly type: 'signed-out' };

/** What the session needs of its surroundings; `browserPorts` has the real ones. */
export interface SessionPorts {
  /** A client that sends no token by itself. */
  readonly client: Pick<Client, 'auth' | 'users'>;
  readonly csrfToken: () => string | undefined;
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

  const renewNow = async () => {
    const csrf = ports.csrfToken();
    if (csrf === undefined) return end('ended');
    try {
      hold(await ports.client.auth.refresh({}, { headers: { [CSRF_HEADER]: csrf } }));
    } catch (error) {
      if (!isRefused(error)) throw error;
      end('ended');
    }
  };

  const renew = (): Promise<void> => {
    renewing ??= ports.exclusively(renewNow).finally(() => {
      renewing = undefined;
    });
    return renewing;
  };

  /** Takes up the session of this browser, if there is one. Never rejects: `state()` says what came of it. */
  const restore = async () => {
    if (ports.csrfToken() === undefined) return end('none');
    become({ status: 'restoring' });
    try {
      await renew();
      if (token === undefined) return;
      const headers = { authorization: `Bearer ${token.value}` };
      become({ status: 'signedIn', user: await ports.client.users.getMe({}, { headers }) });
    } catch (error) {
      if (isRefused(error)) end('ended');
      else become({ status: 'unreachable', error });
    }
  };

  const enter = async (call: () => Promise<TokenPair & { user: User }>) => {
    const { user, ...pair } = await ports.exclusively(call);
    hold(pair);
    become({ status: 'signedIn', user });
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

    /** Ends the session on the server, then here. Rejects, still signed in, when the server did not answer. */
    signOut: async () => {
      const csrf = ports.csrfToken();
      if (csrf !== undefined) {
        await ports
          .exclusively(() => ports.client.auth.logout({}, { headers: { [CSRF_HEADER]: csrf } }))
          .catch((error: unknown) => {
            if (!isRefused(error)) throw error;
          });
      }
      end('left');
      ports.tabs.tell({ type: 'signed-out' });
    },

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

/** The server answered that there is no such session, as opposed to not answering. */
const isRefused = (error: unknown): boolean =>
  error instanceof ApiError && (error.status === 401 || error.status === 403);
