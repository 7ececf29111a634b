import { join, resolve } from 'node:path';

const { env } = process;

/** The repository. */
export const ROOT = resolve(import.meta.dirname, '..');
export const BACKEND = join(ROOT, 'apps/backend');
export const WEB = join(ROOT, 'apps/web');
export const DATABASE = join(ROOT, 'packages/database');

/** Data and addresses of the development services. Ignored by git; DEV_FOLDER puts it elsewhere, as tests do. */
export const DEV = resolve(env.DEV_FOLDER || join(ROOT, '.dev'));
