import { setTimeout as wait } from 'node:timers/promises';
import { expect } from '@jest/globals';
import { ApiError } from '@plinth/client';
import pg from 'pg';
import { clientOf, signUp } from '../../testing/factories.ts';
import { until } from '../../testing/until.ts';
import { type ChannelReader, readChannel } from './channel-reader.suite.ts';

/** Pause of a writer between two messages, and before it tries a refused one again. */
const PAUSE_MS = 15;
/** Of so many messages one is given up at its first failure, as by somebody who closes the page. */
const IMPATIENT = 4;

/** A failed attempt in short: the status and, of a call without reply, what the network said. */
const nameOf = (error: unknown): string => {
  if (!(error instanceof ApiError)) return String(error);
  const cause = error.cause instanceof Error ? (error.cause.cause ?? error.cause) : undefined;
  const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
  if (error.status === 0) return `no reply: ${reason}`;
  return `${error.status} ${error.code}${error.retryAfter ? '' : ' without Retry-After'}`;
};

/** A channel of its own and people who write to it and read it, whatever happens to the servers. */
export async function openLedger(url: string, databaseUrl: string) {
  const owner = await signUp(clientOf(url), 'Ada');
  const { orgId } = owner;
  const { id: channelId } = await owner.api.channels.createChannel({
    params: { orgId },
    body: { name: 'ledger' },
  });
  const place = { orgId, channelId };
  const acknowledged: string[] = [];
  const givenUp: string[] = [];
  const failures: string[] = [];
  const readers: ChannelReader[] = [];
  let stopped = false;
  let closed = false;

  /** Until it is stored; a retry is the same message, by its `clientId`. */
  const send = async (to: string, body: string, patient: boolean): Promise<void> => {
    const clientId = crypto.randomUUID();
    const { messages } = clientOf(to).client(owner.accessToken);
    for (;;) {
      try {
        await messages.postMessage({ params: place, body: { body, clientId } });
        return void acknowledged.push(body);
      } catch (error) {
        failures.push(nameOf(error));
        if (!patient || closed) return void givenUp.push(body);
        await wait(PAUSE_MS);
      }
    }
  };
  const writer = async (to: string, name: string) => {
    for (let n = 0; !stopped; n += 1) {
      await send(to, `${name} ${n}`, n % IMPATIENT !== 0);
      await wait(PAUSE_MS);
    }
  };
  let writers: Promise<unknown> = Promise.resolve();

  return {
    owner,
    place,
    acknowledged: acknowledged as readonly string[],
    /** Every attempt that failed. */
    failures: failures as readonly string[],
    async listen(at: string): Promise<ChannelReader> {
      const reader = readChannel(at, owner, place);
      readers.push(reader);
      await until(() => reader.ready());
      return reader;
    },
    /** Several people write at each of these addresses until the end. */
    async write(...to: readonly string[]) {
      writers = Promise.all(
        to.flatMap((address, at) => ['a', 'b', 'c'].map((who) => writer(address, `${at}${who}`))),
      );
      await until(() => acknowledged.length > 20);
    },
    /** Resolves when so many messages more are acknowledged. */
    async more(count: number) {
      const from = acknowledged.length;
      await until(() => acknowledged.length >= from + count);
    },
    /** Everything acknowledged is stored once, what was given up at most once, and every reader shows what is stored. */
    async settle() {
      stopped = true;
      await writers;
      const client = new pg.Client({ connectionString: databaseUrl });
      await client.connect();
      try {
        const { rows } = await client.query<{ body: string }>(
          'SELECT body FROM messages WHERE channel_id = $1 AND deleted_at IS NULL ORDER BY seq',
          [channelId],
        );
        const stored = rows.map(({ body }) => body);
        expect(stored.filter((body) => !givenUp.includes(body)).toSorted()).toEqual([...acknowledged].sort());
        expect(new Set(stored).size).toBe(stored.length);
        for (const reader of readers) {
          await until(() => reader.shown().length >= stored.length);
          expect(reader.shown()).toEqual(stored);
        }
        await until(async () => {
          const left = await client.query('SELECT FROM outbox_events');
          return left.rowCount === 0;
        });
      } finally {
        await client.end();
      }
    },
    async close() {
      stopped = true;
      closed = true;
      for (const reader of readers) reader.close();
      await writers;
    },
  };
}

export type Ledger = Awaited<ReturnType<typeof openLedger>>;
