import { afterAll, beforeAll, describe } from '@jest/globals';
import { createTestApp, type TestApp, testServers } from '../../testing/create-test-app.ts';
import { messagesSuite } from './messages.suite.ts';
import { sequenceSuite } from './sequence.suite.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp({ env: { REDIS_URL: testServers.redis() } });
});
afterAll(() => app.close());

describe('messages, straight to PostgreSQL', () => {
  messagesSuite(() => app);
  sequenceSuite(() => app);
});
