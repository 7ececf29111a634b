import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DevServiceError } from '../errors.ts';
import { isSame, markOf, type ProcessMark, parseMark } from '../processes/liveness.ts';
import { lockHolder } from './services-lock.ts';

const POLL_MS = 50;

/** Where the development services are. */
export interface ServicesInfo {
  databaseUrl: string;
  directUrl: string;
  redisUrl?: string;
}

/** Tells the other processes of this folder where the services are: whole or not at all, readable by its owner. */
export async function writeServicesFile(devFolder: string, info: ServicesInfo): Promise<void> {
  const path = servicesPath(devFolder);
  const draft = `${path}.${process.pid}`;
  await writeFile(draft, `${JSON.stringify({ ...markOf(process.pid), ...info }, null, 2)}\n`, {
    mode: 0o600,
  });
  await rename(draft, path);
}

/** Removes the file, so that nobody connects to services that are about to end. */
export async function removeServicesFile(devFolder: string): Promise<void> {
  await rm(servicesPath(devFolder), { force: true });
}

/** The services if a live process answers for them; a file that a killed process left behind counts as none. */
export async function readServicesFile(devFolder: string): Promise<(ServicesInfo & ProcessMark) | undefined> {
  const text = await readFile(servicesPath(devFolder), 'utf8').catch(() => undefined);
  const mark = parseMark(text);
  if (text === undefined || mark === undefined || !isSame(mark)) return undefined;
  const info = parseInfo(JSON.parse(text));
  return info === undefined ? undefined : { ...mark, ...info };
}

export interface WaitOptions {
  /** Longest time until somebody begins to start the services. */
  appearMs?: number;
  /** Longest time for starting them: a first start creates the database. */
  startMs?: number;
  signal?: AbortSignal;
}

/**
 * Waits until the services of this folder are up.
 *
 * @throws {DevServiceError} when nobody starts them, or starting fails or takes too long
 */
export async function waitForServices(devFolder: string, options: WaitOptions = {}): Promise<ServicesInfo> {
  const { appearMs = 20_000, startMs = 120_000, signal } = options;
  const begin = Date.now();
  let holderSeenAt: number | undefined;
  for (;;) {
    const info = await readServicesFile(devFolder);
    if (info !== undefined) return info;
    const holder = lockHolder(devFolder);
    if (holder !== undefined) holderSeenAt ??= Date.now();
    const waited = Date.now() - (holderSeenAt ?? begin);
    if (holderSeenAt !== undefined && holder === undefined) {
      throw new DevServiceError(
        'The development services ended while they were starting: see their output above.',
      );
    }
    if (waited > (holderSeenAt === undefined ? appearMs : startMs)) {
      throw new DevServiceError(
        holderSeenAt === undefined
          ? 'The development services do not run: start everything with "npm run dev", or only them with "npm run services".'
          : `The development services did not come up within ${startMs / 1000} s: see their output above.`,
      );
    }
    await sleep(POLL_MS, undefined, { ...(signal === undefined ? {} : { signal }) });
  }
}

/** The services as the variables that the backend reads. */
export function toEnvironment({ databaseUrl, directUrl, redisUrl }: ServicesInfo): Record<string, string> {
  return {
    DATABASE_URL: databaseUrl,
    DIRECT_URL: directUrl,
    ...(redisUrl === undefined ? {} : { REDIS_URL: redisUrl }),
  };
}

function servicesPath(devFolder: string): string {
  return join(devFolder, 'services.json');
}

function parseInfo(value: unknown): ServicesInfo | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (!('databaseUrl' in value) || typeof value.databaseUrl !== 'string') return undefined;
  if (!('directUrl' in value) || typeof value.directUrl !== 'string') return undefined;
  const { databaseUrl, directUrl } = value;
  if (!('redisUrl' in value) || typeof value.redisUrl !== 'string') return { databaseUrl, directUrl };
  return { databaseUrl, directUrl, redisUrl: value.redisUrl };
}
