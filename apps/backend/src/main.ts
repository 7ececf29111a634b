import { resolve } from 'node:path';
import { createApp } from './app.ts';
import { compose } from './compose.ts';
import { serve } from './http/serve.ts';
import { runProcess } from './process.ts';

const WEB_FOLDER = resolve(import.meta.dirname, '../../web/dist');

await runProcess('api', (platform) => {
  const { server } = platform.config;
  const composition = compose(platform);
  const parts = createApp(platform, composition, {
    webFolder: server.serveWeb ? WEB_FOLDER : undefined,
  });
  return serve(platform, { ...parts, readiness: composition.readiness, port: server.port });
});
