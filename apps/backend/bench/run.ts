/** The benchmark's story: start everything, prove that all do the same, let them take turns, report. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { createClient } from '@plinth/client';
import { withDatabase } from '@plinth/dev-services';
import { firstLoadBytes, measureStart } from './facts.ts';
import { scenarios } from './index.ts';
import { createLoad, type Load } from './load.ts';
import { type PlinthSetup, startPlain, startPlinth } from './processes.ts';
import { profilerOptions, readProfile, type Share } from './profile.ts';
import { type BenchResult, type Goal, isMet, type ScenarioResult, toTable } from './report.ts';
import { CONNECTIONS, type Contestant, type Order, runRounds } from './rounds.ts';
import { assertSameWork, createStatementLog, type StatementLog } from './same-work.ts';
import type { Scenario } from './scenario.ts';
import { type Closer, startServices } from './services.ts';

export interface BenchOptions {
  readonly rounds: number;
  /** Length of one round. */
  readonly seconds: number;
  /** Only scenarios whose title contains this. */
  readonly only: string;
  /** File for the result. */
  readonly output: string;
  readonly onProgress: (line: string) => void;
}

/** Largest p99 in proportion to the same work on bare Express. */
const P99_GOAL = 1.5;
const PROFILE_MS = 3000;
const WARM_UP_MS = 2000;

/** Somebody to act as: signed up at the running product, with an organisation of their own. */
async function createVisitor(baseUrl: string) {
  const { accessToken, user } = await createClient({ baseUrl }).auth.signUp({
    body: {
      email: 'bench@example.com',
      password: 'correct horse battery staple',
      name: 'Bench',
      organizationName: 'Bench',
    },
  });
  const api = createClient({ baseUrl, token: () => accessToken });
  const [organization] = (await api.organizations.listOrganizations()).items;
  if (!organization) throw new Error('Sign-up created no organisation.');
  return { api, accessToken, userId: user.id, orgId: organization.id };
}

type Visitor = Awaited<ReturnType<typeof createVisitor>>;

async function orderOf(scenario: Scenario, visitor: Visitor): Promise<Order> {
  const { method, status } = scenario;
  const { target, body } = await scenario.prepare(visitor);
  const headers = {
    host: 'localhost',
    authorization: `Bearer ${visitor.accessToken}`,
    accept: 'application/json',
  };
  return { method, target, headers, body, status };
}

/** Runs the product once more with Node's profiler under the same load. */
async function profilePlinth(setup: PlinthSetup, order: Order, load: Load): Promise<readonly Share[]> {
  const folder = mkdtempSync(join(setup.folder, 'profile-'));
  const server = await startPlinth({ ...setup, nodeOptions: profilerOptions(folder) });
  try {
    const { port } = server;
    await load.run({
      ...order,
      port,
      connections: CONNECTIONS,
      warmUpMs: WARM_UP_MS,
      durationMs: PROFILE_MS,
    });
  } finally {
    await server.close();
  }
  return readProfile(folder, PROFILE_MS);
}

interface Arena {
  readonly setup: PlinthSetup;
  readonly load: Load;
  readonly statements: StatementLog;
  readonly visitor: Visitor;
  readonly contestants: readonly [Contestant, Contestant, Contestant];
  readonly options: BenchOptions;
}

async function runScenario(scenario: Scenario, arena: Arena): Promise<ScenarioResult> {
  const { load, options } = arena;
  options.onProgress(`${scenario.title} …`);
  const order = await orderOf(scenario, arena.visitor);
  const [floor, express, plinth] = arena.contestants.map(({ name, server }) => ({
    server,
    name: scenario.database && name !== 'Plinth' ? `${name} + pg` : name,
  }));
  if (!floor || !express || !plinth) throw new Error('A contestant is missing.');
  const baseline = express.name;
  const orders = [floor, express, plinth].map(({ server }) => ({
    ...order,
    port: server.port,
    connections: 1,
    warmUpMs: 0,
    durationMs: 0,
  }));
  await assertSameWork(orders, load, arena.statements);
  const standings = await runRounds([floor, express, plinth], order, { ...options, baseline }, load);
  const own = standings.find(({ name }) => name === plinth.name);
  if (!own) throw new Error('Plinth has no result.');
  const goals: readonly Goal[] = [
    { what: 'requests/s to bare Express', unit: '×', value: own.ratio, goal: scenario.goal, bound: 'least' },
    { what: 'p99 to bare Express', unit: '×', value: own.p99Ratio, goal: P99_GOAL, bound: 'most' },
  ];
  const result = {
    title: scenario.title,
    request: `${scenario.method} ${scenario.path}`,
    baseline,
    standings,
    goals,
  };
  if (goals.every(isMet)) return result;
  return { ...result, profile: await profilePlinth(arena.setup, order, load) };
}

async function measureFacts(setup: PlinthSetup): Promise<readonly Goal[]> {
  const { readyMs, idleMb } = await measureStart(setup);
  return [
    { what: 'API ready after its start', unit: 's', value: readyMs / 1000, goal: 1, bound: 'most' },
    { what: 'Memory of the idle API (resident)', unit: 'MB', value: idleMb, goal: 130, bound: 'most' },
    {
      what: 'Web app, first load (gzip)',
      unit: 'kB',
      value: firstLoadBytes() / 1000,
      goal: 150,
      bound: 'most',
    },
  ];
}

/**
 * Runs the benchmark and writes its result. Everything that is started is added to `closers`, for whoever ends it.
 * @throws when something does not start, answers wrongly, or does not do the same work as the others
 */
export async function runBench(options: BenchOptions, closers: Closer[]): Promise<void> {
  const { setup, postgres, exports } = await startServices(closers);
  options.onProgress('Start and memory of the built API …');
  const facts = await measureFacts(setup);

  const plinth = await startPlinth(setup);
  closers.push(() => plinth.close());
  const visitor = await createVisitor(`http://127.0.0.1:${plinth.port}`);
  const plain = { databaseUrl: setup.databaseUrl, userId: visitor.userId };
  const node = await startPlain('node-http', plain);
  closers.push(() => node.close());
  const express = await startPlain('express', plain);
  closers.push(() => express.close());
  const load = createLoad();
  closers.push(() => load.close());
  const database = new URL(postgres.url).pathname.slice(1);
  const statements = await createStatementLog(withDatabase(postgres.adminUrl, database));
  closers.push(() => statements.close());

  const contestants = [
    { name: 'node:http', server: node },
    { name: 'Express 5', server: express },
    { name: 'Plinth', server: plinth },
  ] as const;
  const arena: Arena = { setup, load, statements, visitor, contestants, options };
  const chosen = scenarios.filter(({ title }) => title.toLowerCase().includes(options.only.toLowerCase()));
  const results: ScenarioResult[] = [];
  for (const scenario of chosen) {
    results.push(await runScenario(scenario, arena));
    plinth.emptyLog();
  }

  const result: BenchResult = {
    at: new Date().toISOString(),
    machine: {
      node: `Node ${process.versions.node}`,
      cores: `${availableParallelism()} cores`,
      cpu: cpus()[0]?.model.trim() ?? 'unknown processor',
      system: `${process.platform} ${process.arch}`,
    },
    conditions: [
      `${options.rounds} interleaved rounds of ${options.seconds} s, ${CONNECTIONS} connections, one process per server; medians`,
      'Plinth: built, tracing 10 %, Sentry, metrics, limits in Redis, access log to a file, security headers, CORS',
      'Others: Express as it comes; no token, limit, validation or log; same JSON and same SQL (compared before each run)',
      `PostgreSQL durable (fsync on), one database for all; ${exports()} exports of spans received`,
    ],
    scenarios: results,
    facts,
  };
  mkdirSync(dirname(options.output), { recursive: true });
  writeFileSync(options.output, `${JSON.stringify(result, undefined, 2)}\n`);
  console.log(`\n${toTable(result)}\n`);
}
