import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Invitation } from '@plinth/contracts';
import { ApiError, type ClientOptions, createClient } from './index.ts';

const orgId = '0190b8a0-0000-7000-8000-000000000001';
const userId = '0190b8a0-0000-7000-8000-000000000002';

interface Seen {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

type Answer = (reply: ServerResponse, seen: Seen) => void;

const json = (status: number, body: unknown, headers: Record<string, string> = {}): Answer => {
  const type = status >= 400 ? 'application/problem+json' : 'application/json';
  return (reply) =>
    void reply.writeHead(status, { 'content-type': type, ...headers }).end(JSON.stringify(body));
};

const problem = (status: number, code: string) => ({
  type: 'about:blank',
  title: 'Refused',
  status,
  detail: `refused with ${code}`,
  code,
  requestId: 'r-1',
});

let server: Server;
let answer: Answer;
let seen: Seen[];

const clientWith = (options: Partial<ClientOptions> = {}) => {
  const { port } = server.address() as AddressInfo;
  return createClient({ baseUrl: `http://127.0.0.1:${port}`, ...options });
};

const failureOf = async (call: Promise<unknown>): Promise<ApiError> => {
  const error = await call.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  if (error instanceof ApiError) return error;
  throw new Error(`expected an ApiError, got ${error}`);
};

beforeEach(async () => {
  seen = [];
  server = createServer(async (request, reply) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const record = {
      method: request.method,
      url: request.url,
      headers: request.headers,
      body: Buffer.concat(chunks).toString(),
    };
    seen.push(record);
    answer(reply, record);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

describe('a call', () => {
  test('carries its parameters, body and token to the address in the contract', async () => {
    answer = json(201, { id: userId, role: 'GUEST' });
    const client = clientWith({ token: () => 'access-1', headers: { 'x-app': 'test' } });

    const invitation: Invitation = await client.invitations.inviteMember({
      params: { orgId },
      body: { email: 'ada@example.org', role: 'GUEST' },
    });

    expect(invitation).toEqual({ id: userId, role: 'GUEST' });
    expect(seen[0]).toMatchObject({
      method: 'POST',
      url: `/api/v1/orgs/${orgId}/invitations`,
      headers: { authorization: 'Bearer access-1', 'content-type': 'application/json', 'x-app': 'test' },
    });
    expect(JSON.parse(seen[0]?.body ?? '')).toEqual({ email: 'ada@example.org', role: 'GUEST' });
  });

  test('sends only the query fields that are given', async () => {
    answer = json(200, { items: [], nextCursor: null });
    await clientWith().audit.listAuditEntries({ params: { orgId }, query: { cursor: undefined, limit: 20 } });
    expect(seen[0]?.url).toBe(`/api/v1/orgs/${orgId}/audit?limit=20`);
  });

  test('cannot leave its path through a parameter', async () => {
    answer = json(200, {});
    await clientWith().organizations.getOrganization({ params: { orgId: '../users/me?x=/' } });
    expect(seen[0]?.url).toBe('/api/v1/orgs/..%2Fusers%2Fme%3Fx%3D%2F');
  });

  test('to a public route is sent without a token, and with an empty object where a body is expected', async () => {
    answer = json(200, { accessToken: 'a', expiresIn: 900 });
    await clientWith({ token: () => 'access-1' }).auth.refresh();
    expect(seen[0]?.headers.authorization).toBeUndefined();
    expect(seen[0]?.body).toBe('{}');
  });

  test('to a health probe goes to the root of the server', async () => {
    answer = json(200, { status: 'healthy' });
    await expect(clientWith().health.health()).resolves.toEqual({ status: 'healthy' });
    expect(seen[0]?.url).toBe('/health');
  });

  test('gives nothing when the reply is empty', async () => {
    answer = (reply) => void reply.writeHead(204).end();
    const params = { orgId, userId };
    await expect(clientWith().organizations.removeMember({ params })).resolves.toBeUndefined();
    expect(seen[0]?.method).toBe('DELETE');
  });
});

describe('an expired token', () => {
  test('is renewed and the call sent again, once', async () => {
    answer = (reply, { headers }) =>
      headers.authorization === 'Bearer new'
        ? json(200, { items: [] })(reply, seen[0] as Seen)
        : json(401, problem(401, 'unauthenticated'))(reply, seen[0] as Seen);
    const rejected: (string | undefined)[] = [];
    const token = (old?: string) => {
      rejected.push(old);
      return old === undefined ? 'old' : 'new';
    };

    await expect(clientWith({ token }).organizations.listOrganizations()).resolves.toEqual({ items: [] });
    expect(rejected).toEqual([undefined, 'old']);
    expect(seen).toHaveLength(2);
  });

  test('that cannot be renewed gives the 401', async () => {
    answer = json(401, problem(401, 'unauthenticated'));
    const error = await failureOf(clientWith({ token: () => 'old' }).organizations.listOrganizations());
    expect(error.status).toBe(401);
    expect(seen).toHaveLength(1);
  });
});

describe('a failed call', () => {
  test('gives the problem of the API with its request id', async () => {
    answer = json(422, {
      ...problem(422, 'invalid'),
      errors: [{ in: 'body', field: 'name', message: 'empty' }],
    });
    const error = await failureOf(clientWith().organizations.createOrganization({ body: { name: ' ' } }));
    expect(error).toMatchObject({ status: 422, code: 'invalid', message: 'refused with invalid' });
    expect(error.problem).toMatchObject({ requestId: 'r-1', errors: [{ field: 'name' }] });
  });

  test('says how long to wait, from the header where the body does not', async () => {
    answer = json(429, problem(429, 'rate_limited'), { 'retry-after': '7' });
    const error = await failureOf(clientWith().users.getMe());
    expect(error.retryAfter).toBe(7);
  });

  test('whose reply is a page of a proxy is a problem too', async () => {
    answer = (reply) =>
      void reply.writeHead(502, { 'content-type': 'text/html' }).end('<h1>Bad Gateway</h1>');
    const error = await failureOf(clientWith().users.getMe());
    expect(error).toMatchObject({ status: 502, code: 'unexpected_reply' });
  });

  test('whose reply is not JSON is a problem although its status says success', async () => {
    answer = (reply) => void reply.writeHead(200).end('<p>Welcome to the hotel network</p>');
    expect((await failureOf(clientWith().users.getMe())).code).toBe('unexpected_reply');
  });

  test('without any server says that it cannot be reached', async () => {
    const client = clientWith();
    await new Promise((resolve) => server.close(resolve));
    expect(await failureOf(client.users.getMe())).toMatchObject({ status: 0, code: 'unreachable' });
  });

  test('without an answer ends by its own time limit', async () => {
    answer = () => undefined;
    const error = await failureOf(clientWith({ timeoutMs: 50 }).users.getMe());
    expect(error).toMatchObject({ status: 0, code: 'timeout' });
  });

  test('that the caller aborts rejects with the reason of the caller', async () => {
    const abort = new AbortController();
    const reason = new Error('page left');
    answer = () => abort.abort(reason);
    await expect(clientWith().users.getMe({}, { signal: abort.signal })).rejects.toBe(reason);
  });

  test('that lacks a parameter names it and sends nothing', async () => {
    // @ts-expect-error the type refuses it already
    const call = clientWith().organizations.getOrganization({ params: {} });
    await expect(call).rejects.toThrow('params.orgId is missing');
    expect(seen).toHaveLength(0);
  });
});
