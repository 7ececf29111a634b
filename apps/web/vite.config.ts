import { fileURLToPath } from 'node:url';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig, loadEnv } from 'vite';
import { routeTable } from '../../packages/client/src/core.ts';
import { contracts, routePath } from '../../packages/contracts/src/index.ts';
import { keepReleases } from './build/keep-releases.ts';
import { proxyLog } from './build/proxy-log.ts';

export default defineConfig(({ mode }) => {
  const { API_URL: api = 'http://localhost:4000' } = loadEnv(mode, import.meta.dirname, 'API_');
  return {
    customLogger: proxyLog(),
    plugins: [react(), tailwindcss(), keepReleases({ releases: 3, days: 30 })],
    // The page needs the method and path of each route, not the schemas: without them zod stays out of the bundle.
    define: { __ROUTES__: JSON.stringify(routeTable(contracts, routePath)) },
    resolve: {
      // From source, so that a change in the client shows at once and a build needs no other build before it.
      alias: {
        '@plinth/contracts/roles': fileURLToPath(
          new URL('../../packages/contracts/src/roles.ts', import.meta.url),
        ),
        '@plinth/contracts/text': fileURLToPath(
          new URL('../../packages/contracts/src/text.ts', import.meta.url),
        ),
        '@plinth/client/sync': fileURLToPath(
          new URL('../../packages/client/src/sync/index.ts', import.meta.url),
        ),
        '@plinth/client/core': fileURLToPath(new URL('../../packages/client/src/core.ts', import.meta.url)),
      },
    },
    server: {
      port: Number(process.env.WEB_PORT ?? 3000),
      strictPort: true,
      proxy: {
        '/api': api,
        '/health': api,
        '/readyz': api,
        '/docs': api,
        '/openapi.json': api,
        '/socket.io': { target: api, ws: true },
      },
    },
    build: {
      modulePreload: { polyfill: false },
      rolldownOptions: {
        output: {
          // Libraries change less often than the app: a returning visitor keeps them in the cache.
          codeSplitting: {
            groups: [
              {
                name: 'vendor',
                test: /node_modules\/(react|react-dom|scheduler|@tanstack|use-sync-external-store)\//,
              },
            ],
          },
        },
      },
    },
  };
});
