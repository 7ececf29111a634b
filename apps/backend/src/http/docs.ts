import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type Express, static as serveStatic } from 'express';
import { type BoundRoute, rawRoute } from './bind-routes.ts';
import { openApiDocument } from './openapi.ts';
import { securityHeaders } from './security-headers.ts';
import { FILES } from './web.ts';

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Plinth API reference</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/assets/swagger-ui.css">
</head>
<body>
<main id="reference">Loading the reference…</main>
<script src="/docs/assets/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`;
const START = `SwaggerUIBundle({ url: '/openapi.json', dom_id: '#reference', deepLinking: true, validatorUrl: null });\n`;
const ASSETS = ['swagger-ui.css', 'swagger-ui-bundle.js'];

const face = { method: 'get', root: true, access: 'public', limit: 'none' } as const;

/** `/openapi.json` and the reference page at `/docs`. */
export function docsRoutes(
  modules: readonly { name: string; routes?: readonly BoundRoute[] }[],
  info: { version: string },
) {
  let document: string | undefined;
  return [
    rawRoute(
      'openapi',
      { ...face, path: '/openapi.json', summary: 'This API as OpenAPI 3.1' },
      (_req, res) => {
        document ??= JSON.stringify(openApiDocument(modules, info));
        res.type('application/json').send(document);
      },
    ),
    rawRoute('docs', { ...face, path: '/docs', summary: 'Reference page' }, (_req, res) => {
      res.type('html').send(PAGE);
    }),
    rawRoute(
      'docsStart',
      { ...face, path: '/docs/start.js', summary: 'Start of the reference page' },
      (_req, res) => {
        res.type('text/javascript').send(START);
      },
    ),
  ];
}

/** The page's own files and content policy; before the routes in the middleware order. */
export function docsAssets(app: Express): void {
  const folder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  app.use('/docs', securityHeaders('docs'));
  for (const name of ASSETS) {
    app.use(`/docs/assets/${name}`, serveStatic(join(folder, name), { ...FILES, maxAge: '1d' }));
  }
}
