import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type BuiltApp, startBuiltApp } from '../testing/built-app.ts';
import { createTestDatabase } from '../testing/create-test-app.ts';
import { problemOf, send } from '../testing/http.ts';

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let app: BuiltApp;

beforeAll(async () => {
  database = await createTestDatabase();
  app = await startBuiltApp({ databaseUrl: database.url, worker: false });
});
afterAll(async () => {
  await app?.close();
  await database.drop();
});

const get = (path: string, headers: Record<string, string> = {}) => send(`${app.url}${path}`, { headers });
const asBrowser = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

describe('in production the API', () => {
  test('serves the page for every address a browser navigates to, asked for again each time, under a strict CSP', async () => {
    for (const path of ['/', '/sign-in', '/o/some-organisation/members']) {
      const page = await get(path, asBrowser);
      expect([path, page.status, page.headers.get('content-type')]).toEqual([
        path,
        200,
        'text/html; charset=utf-8',
      ]);
      expect(page.headers.get('cache-control')).toBe('no-cache');
      const csp = page.headers.get('content-security-policy') ?? '';
      for (const directive of [
        "script-src 'self'",
        "style-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
      ]) {
        expect(csp.split(';')).toContain(directive);
      }
      expect(csp).not.toMatch(/unsafe|\*|https?:/);
      expect(page.headers.get('strict-transport-security')).toContain('max-age=31536000');
    }
  });

  test('serves hashed files as immutable for a year, compressed', async () => {
    const { text } = await get('/', asBrowser);
    const assets = [...text.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, path]) => path ?? '');
    expect(assets.length).toBeGreaterThan(1);
    for (const path of assets) {
      const asset = await get(path);
      expect([path, asset.status]).toEqual([path, 200]);
      expect(asset.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
      expect(asset.headers.get('x-content-type-options')).toBe('nosniff');
      if (Number(asset.headers.get('content-length') ?? 99_999) > 2000)
        expect(asset.headers.get('content-encoding')).toMatch(/gzip|br/);
    }
  });

  test('ignores Range: whoever asks for a part of a file gets the whole', async () => {
    const { text } = await get('/', asBrowser);
    const [, script = ''] = /src="(\/assets\/[^"]+)"/.exec(text) ?? [];
    for (const path of ['/', '/index.html', script])
      for (const range of ['bytes=0-1', 'bytes=999999999-', 'bytes=5-1', 'bytes=0-0,2-3', 'pages=1']) {
        const reply = await get(path, { ...asBrowser, range });
        expect([path, range, reply.status]).toEqual([path, range, 200]);
        expect(reply.headers.get('accept-ranges')).toBeNull();
        expect(reply.text).toBe((await get(path, asBrowser)).text);
      }
  });

  test('says with a problem that a file is not the one that was meant', async () => {
    const reply = await get('/index.html', { 'if-match': '"another"' });
    expect(problemOf(reply)).toMatchObject({ status: 412, code: 'precondition_failed' });
  });

  test.each([
    '/assets/gone-123.js',
    '/assets/gone-123',
    '/assets',
    '/assets/',
    '//',
    '//evil.example/assets',
    '//index.html',
    '/%5C%5Cevil.example',
    '/.git/config',
    '/.env',
    '/package.json',
    '/api/v1/nothing',
    '//api/v1/about',
    '/API/V1/ABOUT',
    '/%61pi/v1/about',
    '/docs',
    '/openapi.json',
    '/metrics',
  ])('answers %s with a problem, not with the page', async (path) => {
    const reply = await get(path, asBrowser);
    expect(problemOf(reply)).toMatchObject({ status: 404, code: 'not_found' });
    expect(reply.headers.get('cache-control')).toBe('no-store');
  });
});
