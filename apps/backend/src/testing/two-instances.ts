import { type BuiltApp, startBuiltApp } from './built-app.ts';
import { createTestDatabase, testServers } from './create-test-app.ts';

/** Tokens of one instance are accepted by the other. */
const SECRETS = {
  JWT_SECRET: 'k3J9x-qP0zVb7LmN2sWd8RtY5uHfGc1A',
  JWT_REFRESH_SECRET: 'Zr6Tn-4MwEo9XjQv1KyBs8CpLd3UaHi7',
};

/** Two built APIs in processes of their own and one worker, on one database and one Redis. */
export async function startTwoInstances() {
  const database = await createTestDatabase();
  const options = { databaseUrl: database.url, redisUrl: testServers.redis(), env: SECRETS };
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
