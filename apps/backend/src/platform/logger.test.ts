import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { createLogger } from './logger.ts';

function recordingLogger() {
  const lines: string[] = [];
  const { logger } = createLogger(
    { level: 'info', name: 'test', version: '1' },
    { write: (line) => void lines.push(line) },
  );
  return { logger, lines };
}

describe('secrets in the log', () => {
  test('are replaced at any depth, whatever kind of value they have', () => {
    const { logger, lines } = recordingLogger();
    logger.info(
      { user: { name: 'Ada', keys: [{ apiKey: 'canary-1' }] }, token: { value: 'canary-2' } },
      'hello',
    );
    logger.info({ headers: { Authorization: 'canary-3', 'Set-Cookie': ['canary-4'] } });
    expect(lines.join('')).not.toContain('canary');
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      user: { name: 'Ada', keys: [{ apiKey: '[redacted]' }] },
      token: '[redacted]',
      msg: 'hello',
    });
  });

  test('are replaced in the properties of an error and in what a child logger always adds', () => {
    const { logger, lines } = recordingLogger();
    const error = Object.assign(new Error('refused'), { request: { password: 'canary-5' } });
    logger.child({ cookie: 'canary-6' }).error({ err: error }, 'failed');
    expect(lines.join('')).not.toContain('canary');
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ cookie: '[redacted]', err: { message: 'refused' } });
  });

  test('leave the line one line of JSON, and other lines as they are', () => {
    const { logger, lines } = recordingLogger();
    logger.info({ secret: 'a\nb' }, 'with');
    logger.info({ passwordRule: 'long' }, 'without');
    for (const line of lines) expect(line).toMatch(/^\{.*\}\n$/);
    expect(lines[1]).toContain('"passwordRule":"long"');
  });
});

describe('the line that a developer sees', () => {
  /** What a process prints that runs these statements with a `logger` for people. */
  function printed(statements: string): string {
    const file = join(import.meta.dirname, 'logger.ts');
    const program = `
      const { createLogger } = await import(${JSON.stringify(file)});
      const { logger } = createLogger({ level: 'info', name: 'test', version: '1', pretty: true });
      ${statements}`;
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      ['--conditions=development', '--input-type=module', '--eval', program],
      { encoding: 'utf8', env: { PATH: process.env.PATH, NO_COLOR: '1' } },
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    return stdout;
  }

  test('of a request is one short sentence with the ids that the error page tells to quote', () => {
    const line = printed(`logger.child({ requestId: 'request-1' }).info({
      method: 'GET', path: '/api/v1/x', route: '/x', status: 500, user: 'user-1', traceId: 'trace-1', ms: 3 }, 'request');`);
    expect(line).toMatch(/^\S+ INFO: GET \/api\/v1\/x 500 3 ms /m);
    expect(line).toContain('"requestId":"request-1"');
    expect(line).toContain('"traceId":"trace-1"');
    expect(line).not.toContain('user-1');
    expect(line.trim().split('\n')).toHaveLength(1);
  });

  test('of an error has its ids and code next to the stack', () => {
    const line = printed(`logger.child({ requestId: 'request-2', socket: 'socket-2' }).error(
      { err: new Error('broken'), code: 'internal', traceId: 'trace-2' }, 'Unexpected');`);
    for (const text of [
      'Unexpected',
      'request-2',
      'socket-2',
      'trace-2',
      '"code":"internal"',
      'Error: broken',
    ])
      expect(line).toContain(text);
  });

  test('keeps every field of a line that is no request, whatever it is called', () => {
    const fields = {
      job: 'outbox',
      path: '/tmp/x',
      user: 'user-3',
      org: 'org-3',
      status: 'failed',
      ms: 7,
      route: 'r-3',
    };
    const line = printed(`logger.warn(${JSON.stringify(fields)}, 'Job failed');`);
    for (const [name, value] of Object.entries(fields))
      expect(line).toContain(`"${name}":${JSON.stringify(value)}`);
  });

  test('hides secrets like any other', () => {
    expect(printed(`logger.info({ requestId: 'request-4', token: 'canary-7' }, 'x');`)).not.toContain(
      'canary',
    );
  });
});
