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
  DriverAdapterError,
  type SqlMigrationAwareDriverAdapterFactory,
} from '@prisma/driver-adapter-utils';
import type * as Wasm from '@prisma/schema-engine-wasm/schema_engine_bg';
import pg from 'pg';

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

async function load(): Promise<typeof Wasm> {
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

/** The catalogue has columns of PostgreSQL's internal type "char", which the adapter does not know. */
function readCharAsText(pool: pg.Pool): void {
  const query = pool.query.bind(pool);
  const queryWithText = async (config: pg.QueryConfig | string): Promise<pg.QueryResult> => {
    const result = await query(config);
    for (const field of result.fields ?? []) if (field.dataTypeID === CHAR) field.dataTypeID = TEXT;
    return result;
  };
  Object.assign(pool, { query: queryWithText });
}

/** An engine working on one database, through a pool that is its own. */
export async function createSchemaEngine(deps: SchemaEngineDeps): Promise<SchemaEngine> {
  const { pool, schema, onScriptFailure } = deps;
  loaded ??= load();
  const engine = await loaded;
  readCharAsText(pool);
  const adapters = new PrismaPg(pool, { schema });
  const factory: SqlMigrationAwareDriverAdapterFactory = {
    provider: adapters.provider,
    adapterName: adapters.adapterName,
    connect: async () => {
      const adapter = await adapters.connect();
      // Prisma's own splits a script at every semicolon, which cuts function bodies apart. Sent as one message, a
      // migration also is one transaction unless it ends it itself: a failed one leaves nothing behind.
      adapter.executeScript = async (script) => {
        try {
          await pool.query(script);
        } catch (thrown) {
          const error = thrown instanceof Error ? thrown : new Error(String(thrown));
          onScriptFailure?.({ script, error });
          throw toDriverError(error);
        }
      };
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
