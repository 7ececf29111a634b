import { randomPassword } from '@plinth/dev-services';
import { type BuiltApp, startBuiltApp } from './built-app.ts';
import { createTestDatabase, testServers } from './create-test-app.ts';

/** Tokens of one instance are accepted by the other. */
export const sharedSecrets = () => ({
  JWT_SECRET: randomPassword() + randomPassword(),
  JWT_REFRESH_SECRET: randomPassword() + randomPassword(),
});

/** Two built APIs in processes of their own and one worker, on one database and one Redis. */
export async function startTwoInstances() {
  const database = await createTestDatabase();
  const options = { databaseUrl: database.url, redisUrl: testServers.redis(), env: sharedSecrets() };
  const started: BuiltApp[] = [];
  const close = async () => {
    await Promise.all(started.map((app) => app.close()));
    await database.drop();
  };
  try {
    const first = await startBuiltApp(options);
    started.push(first);
    const second = await startBuiltApp({ ...options, worker: false });
    started.push(second);
    return { first, second, close };
  } catch (error) {
    await close();
    throw error;
  }
}
