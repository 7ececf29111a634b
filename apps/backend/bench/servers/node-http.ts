/** The floor: the same replies from `node:http` alone. */
import { createServer, type IncomingMessage } from 'node:http';
import { scenarios } from '../index.ts';
import { announce, readSetup } from './setup.ts';

const { pool, userId } = readSetup(process.argv[2]);

const routes = scenarios.map(({ method, path, status, plain }) => ({
  method,
  status,
  pattern: new RegExp(`^${path.replaceAll(/:(\w+)/g, '(?<$1>[^/?]+)')}(?:\\?|$)`),
  work: plain(pool, userId),
}));

async function readJson(req: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString('utf8'));
}

const server = createServer(async (req, res) => {
  try {
    for (const { method, status, pattern, work } of routes) {
      if (method !== req.method) continue;
      const match = pattern.exec(req.url ?? '');
      if (!match) continue;
      const reply = await work(match.groups ?? {}, method === 'POST' ? await readJson(req) : undefined);
      res.statusCode = status;
      res.setHeader('Content-Type', 'application/json; charset=utf-8');
      return void res.end(JSON.stringify(reply));
    }
    res.writeHead(404).end();
  } catch (error) {
    console.error(error);
    res.writeHead(500).end();
  }
});
announce(server);
