/** What is said twice, in the application and in infra/ or the workflows, says the same. Reads files, starts nothing. */
import { randomBytes } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { readEnv } from '../apps/backend/src/config/read-env.ts';
import { type Variable, type VariableName, variables } from '../apps/backend/src/config/variables.ts';
import { securityHeaders } from '../apps/backend/src/http/security-headers.ts';
import { ERRORS } from '../apps/backend/src/platform/errors.ts';

const root = resolve(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(resolve(root, path), 'utf8');
const files = (pattern: string) =>
  globSync(pattern, { cwd: root }).map((path) => ({ path, text: read(path) }));
/** The first group of every match. */
const all = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].map(([, group]) => group ?? '');

const COMPOSE = 'infra/docker/compose.yaml';
const compose = read(COMPOSE);
const dockerfiles = files('infra/docker/*.Dockerfile');
const workflows = files('.github/workflows/*.yml');
const pgbouncer = read('infra/pgbouncer/pgbouncer.ini');
const nginx = read('infra/nginx/nginx.conf');

/** The services of the compose file, each with its lines. */
const services = Object.fromEntries(
  (compose.split(/^services:\n/m)[1]?.split(/^\S/m)[0] ?? '')
    .split(/^ {2}(?=\w+:$)/m)
    .filter((block) => block.trim() !== '')
    .map((block) => [block.slice(0, block.indexOf(':')), block]),
);
const block = (name: string): string => compose.split(`x-${name}: &${name}\n`)[1]?.split(/^\S/m)[0] ?? '';

test('the compose file is read as it is meant to be', () => {
  expect(Object.keys(services)).toEqual([
    'postgres',
    'pgbouncer',
    'redis',
    'migrate',
    'api',
    'worker',
    'web',
  ]);
  expect(block('hardened')).toContain('read_only: true');
  expect(dockerfiles.length).toBeGreaterThan(0);
  expect(workflows.length).toBeGreaterThan(0);
});

describe('nginx and the API', () => {
  test('nginx sends exactly the security headers with a page that the API would send', () => {
    const request = new IncomingMessage(new Socket());
    const response = new ServerResponse(request);
    Reflect.apply(securityHeaders('web'), undefined, [request, response, () => {}]);
    const headers = [
      ...read('infra/nginx/security-headers.conf').matchAll(/^add_header (\S+) "(.*)" always;$/gm),
    ];
    expect(Object.fromEntries(headers.map(([, name = '', value]) => [name.toLowerCase(), value]))).toEqual({
      ...response.getHeaders(),
    });
  });

  test('nginx passes on the addresses of the API, but for the metrics', () => {
    const alternatives = (text: string) => /\/\(\?:(api\|[^)]+)\)/.exec(text)?.[1]?.split('|');
    const own = alternatives(read('apps/backend/src/http/web.ts'));
    expect(own).toContain('metrics');
    expect(alternatives(nginx)).toEqual(own?.filter((path) => path !== 'metrics'));
    expect(nginx).toMatch(/location = \/metrics \{[^}]*return 404;/);
  });

  test('every location sends the security headers, but for the one whose replies come from the API', () => {
    const locations = nginx.split(/^ {4}location /m).slice(1);
    const bare = locations.filter(
      (lines) => !/include \/etc\/nginx\/security-headers\.conf;|return 404;|rewrite .* last;/.test(lines),
    );
    expect(locations.length).toBeGreaterThan(5);
    expect(bare.map((lines) => lines.includes('proxy_pass http://$upstream;'))).toEqual([true]);
  });

  test('nginx words its own errors as the API does', () => {
    const problems = all(nginx, /'("type":.*)';$/gm).map((text) => JSON.parse(`{${text}}`));
    const known: Record<string, { title: string }> = ERRORS;
    expect(problems.length).toBeGreaterThan(5);
    for (const { type, title, code } of problems)
      expect({ type, title }).toEqual({
        type: `urn:problem:${code.replaceAll('_', '-')}`,
        title: known[code]?.title,
      });
  });

  test('nginx keeps the request ids that the API keeps', () => {
    const rule = /ACCEPTABLE_ID = \/(.*)\/;/.exec(read('apps/backend/src/http/request-id.ts'))?.[1];
    expect(nginx).toContain(`"~${rule}" $http_x_request_id;`);
  });

  test('nginx trusts this machine and the network it shares with the API, which trusts nginx alone', () => {
    const subnet = /^ {2}front:\n {4}ipam:\n {6}config: \[\{ subnet: (\S+) \}\]$/m.exec(compose)?.[1];
    const trusted = all(read('infra/nginx/trusted-proxies.conf'), /^set_real_ip_from (.*);$/gm);
    expect(trusted).toEqual(['127.0.0.1', '::1', subnet]);
    expect(nginx).toContain('proxy_set_header X-Forwarded-For $remote_addr;');
    expect(services.api).toContain("TRUST_PROXY: '1'");
  });

  test('nginx gives up an idle connection to the API before the API does', () => {
    const idle = Number(/keepalive_timeout (\d+)s;/.exec(nginx)?.[1]);
    expect(idle).toBeLessThan(Number(variables.KEEP_ALIVE_SECONDS.fallback));
  });
});

describe('versions', () => {
  test('images and workflows use the Node version of the project', () => {
    const { node } = JSON.parse(read('package.json')).devDependencies;
    const used = [
      ...dockerfiles.flatMap(({ text }) => all(text, /^FROM node:([\d.]+)/gm)),
      ...workflows.flatMap(({ text }) => all(text, /node-version: '?([\w.]+)/g)),
    ];
    expect(used.length).toBeGreaterThan(2);
    expect(new Set(used)).toEqual(new Set([node]));
  });

  test('every image of somebody else has an exact version', () => {
    const images = [
      ...dockerfiles.flatMap(({ text }) => {
        const stages = all(text, / AS (\w+)/g);
        return all(text, /^FROM (\S+)/gm).filter((image) => ![...stages, '$PREVIOUS'].includes(image));
      }),
      ...all(compose, /image: (\S+)/g).filter(
        (image) => !/^plinth-\w+:\$\{APP_VERSION:-local\}$/.test(image),
      ),
      ...workflows.flatMap(({ text }) => all(text, /\b(grafana\/k6\S*)/g)),
    ];
    expect(images.length).toBeGreaterThan(5);
    expect(
      images.filter((image) => !/:v?\d+\.\d+(\.\d+)?[\w.-]*(@sha256:[0-9a-f]{64})?$/.test(image)),
    ).toEqual([]);
  });

  test('every action is pinned to a commit', () => {
    const actions = workflows.flatMap(({ text }) => all(text, /uses: (\S+)/g));
    expect(actions.length).toBeGreaterThan(0);
    expect(actions.filter((action) => !/@[0-9a-f]{40}$/.test(action))).toEqual([]);
  });
});

describe('environment variables', () => {
  /** Variables of other people's images and tools, and our own secrets from which URLs are put together. */
  const FOREIGN = [
    'PREVIOUS_DIST',
    ...['POSTGRES_PASSWORD', 'POSTGRES_INITDB_ARGS', 'OWNER_PASSWORD', 'APP_PASSWORD', 'REDIS_PASSWORD'],
    ...['AUTH_TYPE', 'AUTH_FILE', 'DB_USER', 'DB_PASSWORD', 'REDISCLI_AUTH', 'TURBO_TELEMETRY_DISABLED'],
    // Not variables, but names in the code.
    ...['API_PATHS', 'ACCEPTABLE_ID'],
  ];

  test('every name in infra is one that the application reads', () => {
    const sources = [compose, nginx, pgbouncer, ...dockerfiles.map(({ text }) => text)];
    const names = new Set(sources.flatMap((text) => all(text, /\b([A-Z][A-Z\d]*_[A-Z\d_]*[A-Z\d])\b/g)));
    expect([...names].filter((name) => !Object.hasOwn(variables, name) && !FOREIGN.includes(name))).toEqual(
      [],
    );
  });

  test('compose.env.example holds what the compose file asks for, and no value', () => {
    const example = read('infra/docker/compose.env.example');
    const asked = new Set(all(compose, /\$\{(\w+)/g));
    expect(new Set(all(example, /^([A-Z_]+)=/gm))).toEqual(asked);
    expect(all(example, /^([A-Z_]+)=./gm)).toEqual([]);
  });

  test('a secret has no default: without it nothing starts', () => {
    const optional = ['JWT_PREVIOUS_SECRETS', 'JWT_PREVIOUS_REFRESH_SECRETS', 'METRICS_TOKEN', 'SENTRY_DSN'];
    const withDefault = all(compose, /\$\{(\w+):-/g);
    expect(
      withDefault.filter((name) => /PASSWORD|SECRET|TOKEN/.test(name) && !optional.includes(name)),
    ).toEqual([]);
  });

  test.each(['api', 'worker'])('the environment of the %s is a valid production configuration', (service) => {
    const lines = [
      ...`${block('backend-environment')}${services[service]}`.matchAll(/^\s+([A-Z_]+): '?(.*?)'?$/gm),
    ];
    const env = Object.fromEntries(
      lines.map(([, name, value = '']) => [
        name,
        value.replace(/\$\{(\w+)(?::-([^}]*)|:\?[^}]*)?\}/g, (_, __, fallback) =>
          fallback === undefined ? randomBytes(24).toString('hex') : fallback,
        ),
      ]),
    );
    expect(readEnv({ ...env, NODE_ENV: 'production', SERVE_WEB: 'false' })).toMatchObject({
      DATABASE_URL: expect.stringContaining('pgbouncer=true'),
      WEB_ORIGIN: 'http://localhost:8080',
    });
  });
});

describe('containers', () => {
  test('no image and no service runs as root', () => {
    const users = dockerfiles.map(({ text }) => all(text, /^USER (\S+)/gm).at(-1));
    for (const user of users) expect(user).toMatch(/^[1-9]\d*:[1-9]\d*$/);
    for (const [name, lines] of Object.entries(services)) {
      const effective = lines.includes('<<: *backend\n') ? block('backend') : lines;
      expect(`${name} ${/user: '(.*)'/.exec(effective)?.[1]}`).toMatch(/ [1-9]\d*:[1-9]\d*$/);
    }
  });

  test('every service has a read-only root, no capabilities, and limits', () => {
    expect(block('hardened')).toMatch(
      /read_only: true\n\s+cap_drop: \[ALL\]\n\s+security_opt: .*no-new-privileges:true/,
    );
    expect(block('backend')).toContain('<<: *hardened\n');
    for (const [name, lines] of Object.entries(services)) {
      const inherits = /<<: \*(?:hardened|backend)\n/.test(lines);
      const limited = /limits: \{ cpus: .*, memory: .*, pids: .* \}/.test(lines);
      expect({ name, inherits, limited }).toEqual({ name, inherits: true, limited: true });
    }
  });

  test('only the web server is published, and only on this machine', () => {
    const published = Object.entries(services).filter(([, lines]) => lines.includes('ports:'));
    expect(published.map(([name]) => name)).toEqual(['web']);
    expect(services.web).toContain("ports: ['127.0.0.1:8080:8080']");
  });
});

describe('the life of a container', () => {
  const inProduction = (name: VariableName): string => {
    const { fallback }: Variable = variables[name];
    return (typeof fallback === 'function' ? fallback('production') : fallback) ?? '';
  };

  test('Docker waits longer for the end of the backend than draining, finishing and closing may take', () => {
    const drainS = Number(inProduction('SHUTDOWN_DRAIN_SECONDS'));
    const finishS = Number(inProduction('SHUTDOWN_TIMEOUT_SECONDS'));
    const closing = /^const CLOSE_MS = ([\d_]+);$/m.exec(read('apps/backend/src/process.ts'))?.[1];
    const closeS = Number(closing?.replaceAll('_', '')) / 1000;
    const [, comment, grace] =
      / (\d+) s\.\n +stop_grace_period: (\d+)s\n/.exec(block('backend'))?.map(Number) ?? [];
    expect(comment).toBe(drainS + finishS + closeS);
    expect(grace).toBeGreaterThan(drainS + finishS + closeS);
  });

  test('the worker is asked for its health where it listens', () => {
    expect(inProduction('WORKER_PORT')).toMatch(/^\d+$/);
    expect(services.worker).toContain(`fetch("http://127.0.0.1:${inProduction('WORKER_PORT')}/healthz")`);
    expect(services.worker).toContain('OTEL_SERVICE_NAME: plinth-worker');
    const unasked = Object.keys(services).filter((name) => services[name]?.includes('disable: true'));
    expect(unasked).toEqual(['migrate']);
  });
});

describe('the connection budget', () => {
  const setting = (name: string): number =>
    Number(new RegExp(`^${name} = (\\d+)$`, 'm').exec(pgbouncer)?.[1]);
  const share = (name: string): number =>
    Number(new RegExp(`^; +${name} +(\\d+) `, 'm').exec(pgbouncer)?.[1]);

  test('is the sum of what PgBouncer and the others may take, and fits into PostgreSQL', () => {
    const pool = setting('default_pool_size') + setting('reserve_pool_size');
    const perPgbouncer = share('pools') * pool;
    const sum = perPgbouncer * share('pgbouncers') + share('direct') + share('others') + share('reserved');
    const maxConnections = Number(/max_connections=(\d+)/.exec(compose)?.[1]);
    expect(sum).toBeLessThanOrEqual(maxConnections);
    expect(pgbouncer).toContain(`= ${sum}, of max_connections = ${maxConnections}\n`);
    expect(setting('max_db_connections')).toBe(perPgbouncer);
    expect(share('pools')).toBe(all(pgbouncer.split('[databases]')[1] ?? '', /^(\w+) = host=/gm).length);
  });

  test('gives PgBouncer fewer clients than it accepts', () => {
    const clients = all(compose, /connection_limit=(\d+)/g).map(Number);
    expect(clients.reduce((sum, limit) => sum + limit, 0)).toBeLessThanOrEqual(setting('max_client_conn'));
  });

  test('lets PgBouncer drop no timeout in silence', () => {
    expect(/^ignore_startup_parameters = (.*)$/m.exec(pgbouncer)?.[1]).toBe('extra_float_digits');
    const roles = read('infra/postgres/init/10-roles.sh');
    for (const timeout of ['statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout'])
      expect(roles).toContain(`ALTER ROLE plinth_app SET ${timeout} =`);
  });
});
