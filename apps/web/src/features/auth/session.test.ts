import { beforeEach, describe, expect, test } from '@jest/globals';
import { ApiError } from '@plinth/client/core';
import type { TokenPair, User } from '@plinth/contracts';
import { createSession, type SessionPorts, type TabMessage } from './session.ts';

const user: User = {
  id: '0190b8a0-0000-7000-8000-000000000001',
  email: 'ada@example.org',
  name: 'Ada',
  role: 'USER',
  createdAt: '2026-11-01T00:00:00.000Z',
};
const LIFETIME = 900;

const refusal = (status: number, code = 'refused') =>
  new ApiError({ type: 'about:blank', title: 'Refused', status, detail: 'refused', code });

/** A server and a browser in memory: tokens are counted, time is turned by hand. */
const createSurroundings = () => {
  const calls: string[] = [];
  const told: TabMessage[] = [];
  const timers = new Map<number, { at: number; task: () => void }>();
  const hearers = new Set<(message: TabMessage) => void>();
  let issued = 0;
  let nextTimer = 0;
  const world = {
    calls,
    told,
    csrf: 'csrf-1' as string | undefined,
    leaving: false,
    secureKept: true,
    /** Answers to sign-out, before `answer` counts. */
    refusals: [] as ApiError[],
    sent: [] as (Readonly<Record<string, string>> | undefined)[],
    now: 1_000_000,
    answer: undefined as ApiError | undefined,
    gate: Promise.resolve(),
    hearers,
    pending: () => timers.size,
    advance: (ms: number) => {
      world.now += ms;
      for (const [id, timer] of timers) {
        if (timer.at <= world.now) {
          timers.delete(id);
          timer.task();
        }
      }
    },
  };
  const pair = async (name: string): Promise<TokenPair> => {
    calls.push(name);
    await world.gate;
    if (world.answer) throw world.answer;
    issued += 1;
    return { accessToken: `token-${issued}`, expiresIn: LIFETIME };
  };
  const ports: SessionPorts = {
    client: {
      auth: {
        login: async () => ({ ...(await pair('login')), user }),
        signUp: async () => ({ ...(await pair('sign-up')), user }),
        refresh: (_input, options) => pair(`refresh ${options?.headers?.['x-csrf-token']}`),
        logout: async (_input, options) => {
          calls.push('logout');
          world.sent.push(options?.headers);
          const refusal = world.refusals.shift() ?? world.answer;
          if (refusal) throw refusal;
        },
        browserCookies: async () => {
          if (world.answer?.status === 0) throw world.answer;
          return { csrf: 'our_csrf', secure: true };
        },
      },
      users: {
        getMe: async (_input, options) => {
          calls.push(`me ${options?.headers?.authorization}`);
          return user;
        },
        updateMe: async () => user,
      },
    },
    cookie: (name) => (name === 'our_csrf' ? world.csrf : 'of another instance'),
    keepsSecureCookies: () => world.secureKept,
    leaving: {
      get: () => world.leaving,
      set: (leaving) => {
        world.leaving = leaving;
      },
    },
    exclusively: (task) => task(),
    tabs: {
      tell: (message) => void told.push(message),
      hear: (listener) => {
        hearers.add(listener);
        return () => void hearers.delete(listener);
      },
    },
    now: () => world.now,
    later: (ms, task) => {
      nextTimer += 1;
      const id = nextTimer;
      timers.set(id, { at: world.now + ms, task });
      return () => void timers.delete(id);
    },
  };
  return { world, ports };
};

let world: ReturnType<typeof createSurroundings>['world'];
let session: ReturnType<typeof createSession>;

beforeEach(() => {
  const surroundings = createSurroundings();
  world = surroundings.world;
  session = createSession(surroundings.ports);
});

describe('opening the app', () => {
  test('takes up the session of the browser', async () => {
    await session.restore();
    expect(session.state()).toEqual({ status: 'signedIn', user, kept: true });
    expect(world.calls).toEqual(['refresh csrf-1', 'me Bearer token-1']);
  });

  test('asks for no session when nobody is signed in', async () => {
    world.csrf = undefined;
    await session.restore();
    expect(session.state()).toEqual({ status: 'signedOut', reason: 'none' });
    expect(world.calls).toEqual([]);
  });

  test('says that a session has ended', async () => {
    world.answer = refusal(401);
    await session.restore();
    expect(session.state()).toEqual({ status: 'signedOut', reason: 'ended' });
  });

  test('does not sign out because the server is down, and works when it is back', async () => {
    world.answer = refusal(503);
    await session.restore();
    expect(session.state()).toMatchObject({ status: 'unreachable' });
    world.answer = undefined;
    await session.restore();
    expect(session.state()).toMatchObject({ status: 'signedIn' });
  });
});

describe('the access token', () => {
  beforeEach(() => session.signIn({ email: user.email, password: 'a good password' }));

  test('is used as it is while it is fresh', async () => {
    expect(await session.token()).toBe('token-1');
    expect(world.calls).toEqual(['login']);
  });

  test('is renewed a minute before it ends, without anybody asking', async () => {
    world.advance((LIFETIME - 61) * 1000);
    expect(world.calls).toEqual(['login']);
    world.advance(2_000);
    expect(await session.token('token-1')).toBe('token-2');
    expect(world.calls).toEqual(['login', 'refresh csrf-1']);
  });

  test('is renewed once although several calls were rejected with it', async () => {
    const tokens = await Promise.all([session.token('token-1'), session.token('token-1')]);
    expect(tokens).toEqual(['token-2', 'token-2']);
    expect(await session.token('token-1')).toBe('token-2');
    expect(world.calls).toEqual(['login', 'refresh csrf-1']);
  });

  test('that is about to end is renewed before a call', async () => {
    world.now += (LIFETIME - 5) * 1000;
    expect(await session.token()).toBe('token-2');
  });

  test('that the server no longer renews ends the session', async () => {
    world.answer = refusal(401);
    expect(await session.token('token-1')).toBeUndefined();
    expect(session.state()).toEqual({ status: 'signedOut', reason: 'ended' });
    expect(world.pending()).toBe(0);
  });

  test('stays when a renewal gets no answer, and the renewal is tried again', async () => {
    world.answer = refusal(0);
    world.advance((LIFETIME - 60) * 1000);
    expect(await session.token()).toBe('token-1');
    await expect(session.token('token-1')).rejects.toBe(world.answer);
    world.answer = undefined;
    world.advance(15_000);
    expect(await session.token('token-1')).toBe('token-2');
    expect(world.calls).toEqual(['login', 'refresh csrf-1', 'refresh csrf-1']);
  });
});

describe('signing out', () => {
  beforeEach(() => session.signIn({ email: user.email, password: 'a good password' }));

  test('ends the session on the server and in the other tabs', async () => {
    await session.signOut();
    expect(session.state()).toEqual({ status: 'signedOut', reason: 'left' });
    expect(world.calls).toEqual(['login', 'logout']);
    expect(world.told.map(({ type }) => type)).toEqual(['signed-in', 'signed-out']);
    expect(await session.token()).toBeUndefined();
    expect(world.pending()).toBe(0);
  });

  test('fails visibly when the server does not answer, because the session would live on', async () => {
    world.answer = refusal(0);
    await expect(session.signOut()).rejects.toBe(world.answer);
    expect(session.state()).toMatchObject({ status: 'signedIn' });
  });

  test.each([
    ['a refusal', refusal(403)],
    ['too many requests', refusal(429)],
    ['a fault', refusal(500)],
    ['no answer', refusal(0)],
    ['a 401 of something in between', refusal(401, 'unexpected_reply')],
  ])('is no success after %s, and a reload fulfils it instead of signing in', async (_, answer) => {
    world.answer = answer;
    await expect(session.signOut()).rejects.toBe(answer);
    expect(session.state()).toMatchObject({ status: 'signedIn' });
    expect(world.told.map(({ type }) => type)).not.toContain('signed-out');

    await session.restore();
    expect(session.state()).toMatchObject({ status: 'unreachable', leaving: true });
    world.answer = undefined;
    await session.restore();
    expect(session.state()).toEqual({ status: 'signedOut', reason: 'left' });
    expect(world.leaving).toBe(false);
    expect(world.calls.filter((call) => call.startsWith('refresh'))).toEqual([]);
  });

  test('that was asked for can be taken back', async () => {
    world.answer = refusal(503);
    await expect(session.signOut()).rejects.toBe(world.answer);
    world.answer = undefined;
    await session.stay();
    expect(session.state()).toMatchObject({ status: 'signedIn' });
    expect(world.leaving).toBe(false);
  });

  test('is done when the server says that the session has ended before', async () => {
    world.answer = refusal(401, 'session_ended');
    await session.signOut();
    expect(session.state()).toEqual({ status: 'signedOut', reason: 'left' });
  });

  test('without a CSRF cookie still calls the server, with the access token', async () => {
    world.csrf = undefined;
    await session.signOut();
    expect(world.sent).toEqual([{ authorization: 'Bearer token-1' }]);
  });

  test('takes the CSRF cookie that comes with a refusal', async () => {
    world.refusals.push(refusal(403, 'csrf_failed'));
    await session.signOut();
    expect(world.calls).toEqual(['login', 'logout', 'logout']);
    expect(session.state()).toEqual({ status: 'signedOut', reason: 'left' });
  });

  test('in another tab signs out here', () => {
    for (const hear of world.hearers) hear({ type: 'signed-out' });
    expect(session.state()).toEqual({ status: 'signedOut', reason: 'left' });
  });
});

describe('signing in', () => {
  test('with a wrong password is an error and changes nothing', async () => {
    world.answer = refusal(401);
    const before = session.state();
    await expect(session.signIn({ email: user.email, password: 'wrong' })).rejects.toBe(world.answer);
    expect(session.state()).toBe(before);
  });

  test('in another tab signs in here', async () => {
    world.csrf = undefined;
    await session.restore();
    world.csrf = 'csrf-2';
    const signedIn = new Promise<void>((resolve) => {
      session.subscribe(() => session.state().status === 'signedIn' && resolve());
    });
    for (const hear of world.hearers) hear({ type: 'signed-in', userId: user.id });
    await signedIn;
    expect(world.calls).toEqual(['refresh csrf-2', 'me Bearer token-1']);
  });

  test('says when the browser has not kept the cookie, and whether https would help', async () => {
    world.csrf = undefined;
    world.secureKept = false;
    await session.signIn({ email: user.email, password: 'a good password' });
    expect(session.state()).toMatchObject({ status: 'signedIn', kept: false });
    expect(session.dropsCookies()).toBe(true);
  });
});
