import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import pg from 'pg';

/** What the bench tells a server that it starts: the one argument, as JSON. */
export interface PlainSetup {
  readonly databaseUrl: string;
  readonly userId: string;
}

/** As many connections as Plinth has by default. */
const CONNECTIONS = 20;

export function readSetup(argument: string | undefined): { pool: pg.Pool; userId: string } {
  const { databaseUrl, userId }: PlainSetup = JSON.parse(argument ?? '');
  return { pool: new pg.Pool({ connectionString: databaseUrl, max: CONNECTIONS }), userId };
}

/** Listens on a free loopback port and says on standard output which. */
export function announce(server: Server): void {
  server.listen(0, '127.0.0.1', () => {
    console.log(`ready on ${(server.address() as AddressInfo).port}`);
  });
}
