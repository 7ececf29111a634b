/** The whole story of a new model and its demo data, in a copy of the project with a database folder of its own. */
import { spawn } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { lockHolder, waitForServices } from '@plinth/dev-services';
import { copyTree } from './copy-tree.ts';

const MINUTES = 60_000;
let copy: string;

beforeAll(() => {
  // A name that a careless command line or configuration file breaks at.
  copy = copyTree(join(mkdtempSync(join(tmpdir(), 'plinth-story-')), "My Projects ü 'x' #1"));
});
afterAll(() => rmSync(resolve(copy, '..'), { recursive: true, force: true }));

interface Outcome {
  code: number | null;
  output: string;
}

function start(args: readonly string[], cwd = copy) {
  const { DATABASE_URL: _, DIRECT_URL: __, REDIS_URL: ___, DEV_FOLDER: ____, ...env } = process.env;
  const child = spawn(process.execPath, ['--conditions=development', ...args], {
    cwd,
    env: { ...env, NODE_ENV: 'development' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  const ended = new Promise<Outcome>((done) => child.once('close', (code) => done({ code, output })));
  return { ended, stop: () => child.kill('SIGINT'), output: () => output };
}
const db = (...args: string[]): Promise<Outcome> =>
  start(['scripts/db.ts', ...args], join(copy, 'packages/database')).ended;
const generate = () => start(['scripts/generate.ts'], join(copy, 'packages/database')).ended;
/** "npm run dev" without the apps: services, migrations and demo data, until they are ready. */
async function dev(): Promise<string> {
  const services = start(['scripts/services.ts', '--quiet']);
  await Promise.race([waitForServices(join(copy, '.dev')), services.ended]);
  services.stop();
  await services.ended;
  return services.output();
}

test(
  'database commands bring their database, and a model without its migration stops nothing and is told',
  async () => {
    expect(await generate()).toMatchObject({ code: 0 });
    // Nothing runs, and nothing was ever set up here.
    expect(await db('status')).toMatchObject({
      code: 1,
      output: expect.stringMatching(/pending {3}\d+_init/),
    });
    expect(await db('seed')).toMatchObject({
      code: 1,
      output: expect.stringMatching(
        /^The database lacks .* Apply with "npm run db:deploy"\. Then run "npm run db:seed" again\.\n$/,
      ),
    });
    expect(await db('reset')).toMatchObject({ code: 0 });
    expect(lockHolder(join(copy, '.dev'))).toBeUndefined();

    appendFileSync(join(copy, 'prisma/schema/users.prisma'), '\nmodel Topic {\n  id String @id\n}\n');
    writeFileSync(
      join(copy, 'prisma/seeds/topics.ts'),
      `import type { Seed } from './seed.ts';
export const topicsSeed: Seed = {
  what: 'topics',
  add: async ({ prisma }) => (await prisma.topic.createMany({ data: [{ id: 'one' }], skipDuplicates: true })).count,
};
`,
    );
    const seed = readFileSync(join(copy, 'prisma/seed.ts'), 'utf8');
    writeFileSync(
      join(copy, 'prisma/seed.ts'),
      `import { topicsSeed } from './seeds/topics.ts';\n${seed.replace('  usersSeed,\n', '  usersSeed,\n  topicsSeed,\n')}`,
    );
    expect(await generate()).toMatchObject({ code: 0 });

    const before = await dev();
    expect(before).toContain(
      'prisma/schema is ahead of the migrations: write the missing one with "npm run db:migrate:new <name>"',
    );
    expect(before).toContain('Services are ready.');
    expect(before).not.toMatch(/P2021|^\s+at /m);
    expect(await db('seed')).toMatchObject({
      code: 1,
      output: expect.stringContaining('db:migrate:new <name>'),
    });

    expect(await db('migrate:new', 'add_topics')).toMatchObject({
      code: 0,
      output: expect.stringMatching(/Wrote prisma\/migrations\/\d+_add_topics\/migration\.sql/),
    });
    const after = await dev();
    expect(after).toMatch(/applied \d+_add_topics/);
    expect(after).toMatch(/Added demo data: .*1 topics/);
    expect(after).not.toContain('ahead of the migrations');

    // A seed with a mistake is shown, and stops nothing either.
    writeFileSync(
      join(copy, 'prisma/seeds/topics.ts'),
      `import type { Seed } from './seed.ts';
export const topicsSeed: Seed = { what: 'topics', add: () => Promise.reject(new Error('no such topic')) };
`,
    );
    const faulty = await dev();
    expect(faulty).toMatch(
      /Error: no such topic[\s\S]*The demo data could not be added[\s\S]*Services are ready\./,
    );
  },
  5 * MINUTES,
);
