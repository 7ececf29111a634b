/**
 * `prisma generate` works with WebAssembly alone, yet the CLI downloads a native engine first unless it is told where
 * one is. Any existing file will do. Only for `generate`: other Prisma commands would run that file.
 */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';

const cli = createRequire(import.meta.url).resolve('prisma/build/index.js');
const { status } = spawnSync(process.execPath, [cli, 'generate', ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, PRISMA_HIDE_UPDATE_MESSAGE: '1' },
});
process.exitCode = status ?? 1;
