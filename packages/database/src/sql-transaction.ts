import type pg from 'pg';
import { DatabaseTimeoutError, TransactionRolledBackError } from './errors.ts';

async function commitAfter<T>(client: pg.PoolClient, work: () => Promise<T>): Promise<T> {
  await client.query('BEGIN');
  const result = await work();
  const { command } = await client.query('COMMIT');
  // PostgreSQL answers COMMIT of a failed transaction with ROLLBACK and no error.
  if (command !== 'COMMIT') throw new TransactionRolledBackError();
  return result;
}

/**
 * BEGIN, work, COMMIT on a checked-out connection, which is released afterwards, or destroyed when its state is unknown.
 *
 * @param work gets a function that throws once the transaction is over, to be called before each statement
 * @throws DatabaseTimeoutError after `timeoutMs`; the connection is broken then, and with it the transaction
 */
export async function runSqlTransaction<T>(
  client: pg.PoolClient,
  timeoutMs: number,
  work: (assertOpen: () => void) => Promise<T>,
): Promise<T> {
  let open = true;
  let broken = false;
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      open = false;
      broken = true;
      reject(
        new DatabaseTimeoutError(`The transaction took longer than ${timeoutMs} ms and was rolled back.`),
      );
    }, timeoutMs);
  });
  const assertOpen = (): void => {
    if (!open) throw new DatabaseTimeoutError('The transaction is over; this statement came too late.');
  };
  try {
    return await Promise.race([expired, commitAfter(client, () => work(assertOpen))]);
  } catch (error) {
    if (!broken) {
      await client.query('ROLLBACK').catch(() => {
        broken = true;
      });
    }
    throw error;
  } finally {
    open = false;
    clearTimeout(timer);
    client.release(broken);
  }
}
