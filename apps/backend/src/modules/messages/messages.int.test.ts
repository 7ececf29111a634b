import { afterAll, beforeAll, describe } from '@jest/globals';
import { createTestApp, type TestApp } from '../../testing/create-test-app.ts';
import { messagesSuite } from './messages.suite.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp();
});
afterAll(() => app.close());

describe('messages, straight to PostgreSQL', () => messagesSuite(() => app));
