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
