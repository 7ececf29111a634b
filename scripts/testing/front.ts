/**
 * The very configuration of infra/nginx, run by a real nginx: only addresses, ports and paths are replaced, and what
 * the nginx of this machine may be too old for.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { type IncomingHttpHeaders, request } from 'node:http';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';
import { expect } from '@jest/globals';
import { freePort, startNginx } from '@plinth/dev-services';

const NGINX = resolve(import.meta.dirname, '../../infra/nginx');
const read = (file: string): string => readFileSync(join(NGINX, file), 'utf8');

export const PAGE = '<!doctype html><title>Plinth</title>';
export const SECURITY_HEADERS: readonly (readonly [string, string])[] = [
  ...read('security-headers.conf').matchAll(/^add_header (\S+) "(.*)"/gm),
].map(([, name = '', value = '']) => [name.toLowerCase(), value]);

export interface FrontOptions {
  /** Instead of infra/nginx/trusted-proxies.conf. */
  readonly trustedProxies?: string;
  /** Times of infra/nginx/nginx.conf that a test cannot wait for, by directive. */
  readonly times?: Readonly<Record<string, string>>;
}

/** nginx in front of the APIs on these ports. */
export async function startFront(apiPorts: readonly number[], options: FrontOptions = {}) {
  const { trustedProxies = read('trusted-proxies.conf'), times = {} } = options;
  const port = await freePort();
  const http = read('nginx.conf')
    .replace(/^[\s\S]*?\nhttp \{\n([\s\S]*)\}\n$/, '$1')
    // Of the test's own nginx.
    .replace(/^ *\w+_temp_path .*;\n/gm, '')
    .replace('include /etc/nginx/mime.types;', 'types { text/html html; text/javascript js; }')
    .replace('include /etc/nginx/trusted-proxies.conf;', () => trustedProxies)
    .replaceAll('include /etc/nginx/security-headers.conf;', () => read('security-headers.conf'))
    .replace('root /usr/share/nginx/html;', 'root html;')
    .replace('access_log /dev/stdout json;', '')
    .replace('listen 8080;', `listen 127.0.0.1:${port}; access_log access.log json;`)
    // "resolve" is of nginx 1.27.3 and later.
    .replaceAll(/server api:4000 resolve( .*)?;/g, (_, settings = '') =>
      apiPorts.map((apiPort) => `server 127.0.0.1:${apiPort}${settings};`).join(' '),
    );
  const shortened = Object.entries(times).reduce((text, [directive, time]) => {
    const line = new RegExp(`^( *${directive}) \\w+;$`, 'm');
    if (!line.test(text)) throw new Error(`${directive} is not set in infra/nginx/nginx.conf.`);
    return text.replace(line, `$1 ${time};`);
  }, http);
  const server = await startNginx({ http: shortened });
  await mkdir(join(server.dir, 'html/assets'), { recursive: true });
  await writeFile(join(server.dir, 'html/index.html'), PAGE);
  await writeFile(join(server.dir, 'html/assets/app-4f2a.js'), 'export {};');
  return {
    ...server,
    port,
    url: `http://127.0.0.1:${port}`,
    /** The lines of the access log. */
    accessLog: async () =>
      (await readFile(join(server.dir, 'access.log'), 'utf8'))
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line)),
  };
}

export type Front = Awaited<ReturnType<typeof startFront>>;

export interface Reply {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

interface Init {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
}

export async function ask(
  { port }: Front,
  path: string,
  { method = 'GET', headers = {}, body }: Init = {},
): Promise<Reply> {
  const req = request({ host: '127.0.0.1', port, path, method, headers, agent: false });
  req.end(body);
  const [res] = await once(req, 'response');
  const chunks = await res.toArray();
  return { status: res.statusCode, headers: res.headers, text: Buffer.concat(chunks).toString() };
}

/** Sends bytes as they are, and returns everything that comes back until the server hangs up. */
export async function sendRaw({ port }: Front, text: string): Promise<Reply> {
  const socket = connect(port, '127.0.0.1');
  socket.write(text);
  const [head = '', body = ''] = Buffer.concat(await socket.toArray())
    .toString()
    .split('\r\n\r\n', 2);
  const [statusLine = '', ...lines] = head.split('\r\n');
  const headers = lines.map((line) => [
    line.slice(0, line.indexOf(':')).toLowerCase(),
    line.slice(line.indexOf(':') + 1).trim(),
  ]);
  return { status: Number(statusLine.split(' ')[1]), headers: Object.fromEntries(headers), text: body };
}

/** A problem (RFC 9457) whose body, status line, headers and request id agree. */
export function expectProblem(reply: Reply, status: number, code: string): void {
  expect(reply.status).toBe(status);
  expect(reply.headers['content-type']).toBe('application/problem+json');
  expect(JSON.parse(reply.text)).toMatchObject({
    type: `urn:problem:${code.replaceAll('_', '-')}`,
    title: expect.any(String),
    detail: expect.any(String),
    status,
    code,
    requestId: reply.headers['x-request-id'],
  });
  expect(reply.headers['x-request-id']).toMatch(/^[\w.-]{8,64}$/);
  expect(reply.headers['cache-control']).toBe('no-store');
  expect(reply.headers).toMatchObject(Object.fromEntries(SECURITY_HEADERS));
}
