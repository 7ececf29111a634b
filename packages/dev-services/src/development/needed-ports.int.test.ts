import { createServer, type Server } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { freePort } from '../processes/ports.ts';
import { choosePorts, type NeededPort } from './needed-ports.ts';

const open: Server[] = [];
afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

async function take(host: string): Promise<number> {
  const port = await freePort();
  const server = createServer();
  open.push(server);
  await new Promise<void>((resolve) => server.listen(port, host, resolve));
  return port;
}

const NEEDED = [
  { what: 'the API', variable: 'PORT', fallback: 4000 },
  { what: 'the worker', variable: 'WORKER_PORT', fallback: 0, anyFree: true },
] as const satisfies readonly NeededPort[];

test('every port in use is named at once, with its variable, its holder and one that is free', async () => {
  const [api, worker] = [await take('127.0.0.1'), await take('0.0.0.0')];
  const problem = await choosePorts(NEEDED, { PORT: `${api}`, WORKER_PORT: `${worker}` }).catch(String);
  for (const [port, what, variable] of [
    [api, 'the API', 'PORT'],
    [worker, 'the worker', 'WORKER_PORT'],
  ])
    expect(problem).toMatch(
      new RegExp(
        `Port ${port}, which ${what} needs, is in use by process ${process.pid} \\(.+\\): end it or set ${variable} to another port \\(${variable}=\\d+ is free\\)`,
      ),
    );
});

test('what is no port, and one port for two, is told with the variable', async () => {
  const port = `${await freePort()}`;
  await expect(choosePorts(NEEDED, { PORT: 'eighty' })).rejects.toThrow('PORT is "eighty", but');
  await expect(choosePorts(NEEDED, { PORT: '0' })).rejects.toThrow('from 1 to 65535');
  await expect(choosePorts(NEEDED, { PORT: port, WORKER_PORT: '70000' })).rejects.toThrow(
    'WORKER_PORT is "70000"',
  );
  await expect(choosePorts(NEEDED, { PORT: port, WORKER_PORT: port })).rejects.toThrow(
    `PORT and WORKER_PORT are both ${port}: give each its own port.`,
  );
});

test('free ports are chosen, and unset ones have their default', async () => {
  const port = await freePort();
  expect(await choosePorts(NEEDED, { PORT: `${port}`, WORKER_PORT: '' })).toEqual({
    PORT: port,
    WORKER_PORT: 0,
  });
});
