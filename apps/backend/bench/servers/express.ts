/** What Plinth is compared with: Express as it comes, and the work of the route. */
import { createServer } from 'node:http';
import express from 'express';
import { scenarios } from '../index.ts';
import { announce, readSetup } from './setup.ts';

const { pool, userId } = readSetup(process.argv[2]);

const app = express();
for (const { method, path, status, plain } of scenarios) {
  const work = plain(pool, userId);
  if (method === 'GET')
    app.get(path, async (req, res) => void res.status(status).json(await work(req.params, undefined)));
  else
    app.post(path, express.json(), async (req, res) => {
      res.status(status).json(await work(req.params, req.body));
    });
}
announce(createServer(app));
