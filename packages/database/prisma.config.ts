import { defineConfig } from 'prisma/config';

// `DIRECT_URL` is only needed by commands of the Prisma CLI itself (studio, migrate dev); ours are in src/migrations.ts.
export default defineConfig({
  schema: '../../prisma/schema',
  migrations: { path: '../../prisma/migrations' },
  ...(process.env.DIRECT_URL ? { datasource: { url: process.env.DIRECT_URL } } : {}),
});
