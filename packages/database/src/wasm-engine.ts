/**
 * Prisma's schema engine as WebAssembly, from the npm package `@prisma/schema-engine-wasm`: the same engine that the
 * Prisma CLI fetches as a native binary, without the fetching.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { PrismaPg } from '@prisma/adapter-pg';
import {
  bindMigrationAwareSqlAdapterFactory,
  ColumnTypeEnum,
  DriverAdapterError,
  type SqlDriverAdapter,
  type SqlMigrationAwareDriverAdapterFactory,
} from '@prisma/driver-adapter-utils';
import type * as Wasm from '@prisma/schema-engine-wasm/schema_engine_bg';
import pg from 'pg';
import { messageOf } from './unknown-error.ts';

export type SchemaEngine = Wasm.SchemaEngine;
export type MigrationList = Wasm.MigrationList;
export type SchemaFile = Wasm.SchemaContainer;
export type DiffTarget = Wasm.DiffTarget;

/** Every table and enum of the schema is ours. */
export const NO_FILTER: Wasm.SchemaFilter = { externalTables: [], externalEnums: [] };

/** The part of the WebAssembly interface used here; TypeScript knows it only together with the whole DOM. */
declare const WebAssembly: {
  instantiate(
    binary: Uint8Array,
    imports: Record<string, Record<string, unknown>>,
  ): Promise<{ instance: { exports: Record<string, unknown> } }>;
};

let loaded: Promise<typeof Wasm> | undefined;

/** The engine leaves the timers of its own timeouts running for 10 s, which would keep the process alive that long. */
const withoutLingeringTimers = (imports: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(imports).map(([name, value]) => [
      name,
      name.startsWith('__wbg_setTimeout_')
        ? (run: () => void, ms: number) => setTimeout(run, ms).unref()
        : value,
    ]),
  );

/** Where the engine leaves the reason before it panics; the panic itself surfaces as `RuntimeError: unreachable`. */
function reportPanics(): void {
  Object.assign(globalThis, {
    PRISMA_WASM_PANIC_REGISTRY: {
      set_message: (message: string) => console.error(`The schema engine failed. ${message}`),
    },
  });
}

async function load(): Promise<typeof Wasm> {
  reportPanics();
  const glue = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg');
  const engine = await import('@prisma/schema-engine-wasm/schema_engine_bg');
  const binary = await readFile(join(dirname(glue), 'schema_engine_bg.wasm'));
  const imports = withoutLingeringTimers({ ...engine });
  const { instance } = await WebAssembly.instantiate(binary, { './schema_engine_bg.js': imports });
  engine.__wbg_set_wasm(instance.exports);
  const { __wbindgen_start: start } = instance.exports;
  if (typeof start !== 'function') throw new Error('The schema engine has no start function.');
  start();
  return engine;
}

/** What PostgreSQL said about a script that failed. */
export interface ScriptFailure {
  readonly script: string;
  readonly error: Error;
}

const toDriverError = (error: Error): DriverAdapterError => {
  const { code, severity, detail, column, hint } =
    error instanceof pg.DatabaseError ? error : new pg.DatabaseError(error.message, 0, 'error');
  return new DriverAdapterError({
    kind: 'postgres',
    code: code ?? 'N/A',
    severity: severity ?? 'N/A',
    message: error.message,
    detail,
    column,
    hint,
  });
};

export interface SchemaEngineDeps {
  readonly pool: pg.Pool;
  /** PostgreSQL schema of the tables. */
  readonly schema: string;
  readonly onScriptFailure?: (failure: ScriptFailure) => void;
}

const CHAR = 18;
const TEXT = 25;

/**
 * The catalogue has columns of PostgreSQL's internal type "char". The adapter refuses them, and the engine wants them
 * as characters: so they pass the adapter as text and are given their type behind it.
 */
function passCharacters(pool: pg.Pool, adapter: SqlDriverAdapter): void {
  const columns = new WeakMap<readonly unknown[], readonly number[]>();
  const query = pool.query.bind(pool);
  const queryAsText = async (config: pg.QueryConfig | string): Promise<pg.QueryResult> => {
    const result = await query(config);
    const fields = result.fields ?? [];
    const characters = [...fields.keys()].filter((index) => fields[index]?.dataTypeID === CHAR);
    if (characters.length > 0) columns.set(result.rows, characters);
    for (const field of fields) if (field.dataTypeID === CHAR) field.dataTypeID = TEXT;
    return result;
  };
  Object.assign(pool, { query: queryAsText });
  const queryRaw = adapter.queryRaw.bind(adapter);
  adapter.queryRaw = async (statement) => {
    const result = await queryRaw(statement);
    for (const index of columns.get(result.rows) ?? []) result.columnTypes[index] = ColumnTypeEnum.Character;
    return result;
  };
}

/**
 * Prisma's own splits a script at every semicolon, which cuts function bodies apart. Sent as one message, a migration
 * also is one transaction unless it ends it itself: a failed one leaves nothing behind.
 */
function runScriptsWhole(
  pool: pg.Pool,
  adapter: SqlDriverAdapter,
  onFailure?: (failure: ScriptFailure) => void,
): void {
  adapter.executeScript = async (script) => {
    try {
      await pool.query(script);
    } catch (thrown) {
      const error = thrown instanceof Error ? thrown : new Error(messageOf(thrown));
      onFailure?.({ script, error });
      throw toDriverError(error);
    }
  };
}

/** An engine working on one database, through a pool that is its own. */
export async function createSchemaEngine(deps: SchemaEngineDeps): Promise<SchemaEngine> {
  const { pool, schema, onScriptFailure } = deps;
  loaded ??= load();
  const engine = await loaded;
  const adapters = new PrismaPg(pool, { schema });
  const factory: SqlMigrationAwareDriverAdapterFactory = {
    provider: adapters.provider,
    adapterName: adapters.adapterName,
    connect: async () => {
      const adapter = await adapters.connect();
      passCharacters(pool, adapter);
      runScriptsWhole(pool, adapter, onScriptFailure);
      return adapter;
    },
    connectToShadowDb: () => Promise.reject(new Error('Scratch databases are made by newMigration.')),
  };
  return engine.SchemaEngine.new(
    { datamodels: undefined },
    () => {},
    bindMigrationAwareSqlAdapterFactory(factory),
  );
}
