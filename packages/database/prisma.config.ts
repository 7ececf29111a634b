import { defineConfig } from 'prisma/config';

// `DIRECT_URL` is only needed by the Prisma CLI's own commands (studio, migrate dev); ours go through src/migrate.
export default defineConfig({
  schema: '../../prisma/schema',
  migrations: { path: '../../prisma/migrations' },
  ...(process.env.DIRECT_URL ? { datasource: { url: process.env.DIRECT_URL } } : {}),
});
