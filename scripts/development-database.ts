/** The development database for one command: the one that runs, or one started for it and ended afterwards. */
import { join } from 'node:path';
import {
  acquireLock,
  alreadyRunning,
  DevServiceError,
  lockHolder,
  onStopRequest,
  startPostgres,
  waitForLockRelease,
  waitForServices,
} from '@plinth/dev-services';
import { DEV } from './folders.ts';

/**
 * Calls `work` with the direct address of this folder's development database. Where "npm run dev" runs, its database
 * is used, also while it is still starting; another database command is waited for.
 *
 * @param command what a person typed, for whoever meets the lock meanwhile
 */
export async function withDevelopmentDatabase<T>(
  command: string,
  work: (directUrl: string) => Promise<T>,
): Promise<T> {
  const holder = lockHolder(DEV);
  if (holder !== undefined && holder.command === undefined) {
    return work((await waitForServices(DEV)).directUrl);
  }
  if (holder !== undefined) {
    await waitForLockRelease(DEV, 60_000);
    const still = lockHolder(DEV);
    if (still !== undefined) throw new DevServiceError(alreadyRunning(still));
  }
  return withOwnServer(command, work);
}

async function withOwnServer<T>(command: string, work: (directUrl: string) => Promise<T>): Promise<T> {
  const release = acquireLock(DEV, command);
  const stopping = Promise.withResolvers<never>();
  onStopRequest({ stop: () => stopping.reject(new DevServiceError('Interrupted.')) });
  try {
    const server = await startPostgres({ dir: join(DEV, 'postgres') });
    try {
      return await Promise.race([work(server.directUrl), stopping.promise]);
    } finally {
      await server.close();
    }
  } finally {
    release();
  }
}
