import { expect, test } from '@jest/globals';
import { createLogger } from 'vite';
import { proxyLog } from './proxy-log.ts';

const refused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:4000'), { code: 'ECONNREFUSED' });

test('an API that restarts is one line for all requests, and every other error is told as it is', () => {
  const lines: string[] = [];
  const write = (message: string) => void lines.push(message);
  let now = 0;
  const logger = proxyLog({ ...createLogger('silent'), info: write, error: write }, () => now);

  for (let request = 0; request < 12; request += 1)
    logger.error('http proxy error: /api/v1/orgs', { error: refused });
  logger.error('ws proxy error:', { error: refused });
  expect(lines).toEqual([expect.stringContaining('The API does not answer yet')]);

  now += 10_000;
  logger.error('http proxy error: /api/v1/orgs', { error: refused });
  expect(lines).toHaveLength(2);

  logger.error('http proxy error: /api/v1/orgs', { error: new Error('certificate has expired') });
  logger.error('src/main.tsx: unexpected token');
  expect(lines.slice(2)).toEqual(['http proxy error: /api/v1/orgs', 'src/main.tsx: unexpected token']);
});
