/** `npm run bench`: starts everything, lets the servers take turns, prints a table and writes it as JSON. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@plinth/client';
import { deployMigrations } from '@plinth/database/migrations';
import { ensureServers, randomPassword, startPostgres, startRedis } from '@plinth/dev-services';
import { firstLoadBytes, measureStart } from './facts.ts';
import { scenarios } from './index.ts';
import { createLoad, type Load } from './load.ts';
import { type PlinthSetup, startPlain, startPlinth } from './processes.ts';
import { profilerOptions, readProfile, type Share } from './profile.ts';
import { createSwallower } from './receivers.ts';
import { type BenchResult, type Goal, isMet, type ScenarioResult, toTable } from './report.ts';
import { type Contestant, type Order, runRounds } from './rounds.ts';
import { assertSameWork, createStatementLog } from './same-work.ts';
import type { Scenario } from './scenario.ts';

export interface BenchOptions {
  readonly rounds: number;
  /** Length of one round. */
  readonly seconds: number;
  /** Only the scenarios whose title contains this. */
  readonly only: string;
  /** File for the result. */
  readonly output: string;
}

type Closer = () => unknown;
