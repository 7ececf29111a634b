import { resolve } from 'node:path';
import { createApp } from './app.ts';
import { compose } from './compose.ts';
import { ConfigurationError, loadConfig } from './config/index.ts';
import { serve } from './http/serve.ts';
import { createPlatform } from './platform/index.ts';
import { runProcess } from './process.ts';

const WEB_FOLDER = resolve(import.meta.dirname, '../../web/dist');

try {
  const config = loadConfig();
  const platform = createPlatform(config, 'api');
  const composition = compose(platform);
  const { httpServer, sockets } = createApp(platform, composition, {
    webFolder: config.server.serveWeb ? WEB_FOLDER : undefined,
  });
  runProcess(platform, await serve(platform, { httpServer, sockets, readiness: composition.readiness }));
} catch (error) {
  console.error(error instanceof ConfigurationError ? error.message : error);
  process.exitCode = 1;
}
