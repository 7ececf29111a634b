import cors from 'cors';
import express, { type Express } from 'express';
import type { Composition } from './compose.ts';
import type { BoundRoute } from './http/bind-routes.ts';
import { warnOfUntrustedProxy } from './http/client-address.ts';
import { trackConnections } from './http/connections.ts';
import { cookieOf } from './http/cookies.ts';
import { docsAssets, docsRoutes } from './http/docs.ts';
import { errorHandler } from './http/error-handler.ts';
import { createHttpServer } from './http/http-server.ts';
import { metricsRoute } from './http/metrics-route.ts';
import { mountRoutes } from './http/mount-routes.ts';
import { createOrigins, type TrustProxy } from './http/origins.ts';
import { protocolRules } from './http/protocol-rules.ts';
import { countRest, createRateLimiters } from './http/rate-limit.ts';
import { answerOutsiders } from './http/raw-answer.ts';
import { requestContext } from './http/request-context.ts';
import { stateOf } from './http/request-state.ts';
import { securityHeaders } from './http/security-headers.ts';
import { serveWeb } from './http/web.ts';
import { notFound } from './platform/errors.ts';
import type { Platform } from './platform/index.ts';
import { createJobs } from './platform/jobs.ts';
import { createOutboxRelay } from './platform/outbox.ts';
import { createRedisBroadcaster } from './realtime/broadcaster.ts';
import { isSocketHandshake, SOCKET_PATH } from './realtime/engine.ts';
import { createGrantsRepository } from './realtime/grants.repository.ts';
import { holderFinder } from './realtime/handshakes.ts';
import type { Broadcaster } from './realtime/rooms.ts';
import { createSocketServer, type SocketServer } from './realtime/socket-server.ts';

export interface AppOptions {
  /** Folder of the built web app; not served when absent. */
  readonly webFolder?: string | undefined;
  /** Sockets on the same server; none in the worker. */
  readonly sockets?: SocketServer;
}

/** Every address the process answers at, as data: what is mounted, described and checked by tests. */
export function routesOf(platform: Platform, { modules }: Pick<Composition, 'modules'>): BoundRoute[] {
  const { config, metrics, limits } = platform;
  return [
    ...modules.flatMap((module) => module.routes ?? []),
    metricsRoute(metrics, config.metrics, limits),
    ...(config.server.docs ? docsRoutes(modules, { version: config.version }) : []),
  ];
}

type ServerConfig = Platform['config']['server'];

const trustOf = ({ trustProxy }: ServerConfig): TrustProxy =>
  express().set('trust proxy', trustProxy).get('trust proxy fn');

/** Which pages may call this application and its sockets. */
const originsOf = (server: ServerConfig) => createOrigins(server.allowedOrigins, trustOf(server));

/** The Express application. The order of the middlewares is a design decision; this list is where it is made. */
export function createExpressApp(platform: Platform, composition: Composition, options: AppOptions): Express {
  const { config, logger, metrics, limits } = platform;
  const { server } = config;
  const limiters = createRateLimiters(limits, { metrics, callers: composition.callers });
  const origins = originsOf(server);
  const rest = countRest(limits, { metrics, origins });

  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  // One spelling for each address: others are not found.
  app.enable('case sensitive routing');
  app.set('trust proxy', server.trustProxy);
  app.set('query parser', 'simple');

  const { sockets } = options;
  app.use(requestContext({ logger, metrics }));
  app.use(protocolRules);
  if (options.webFolder) app.use(serveWeb(options.webFolder));
  app.use(securityHeaders('api'));
  app.use((req, res, next) => (req.method === 'OPTIONS' ? rest.options(req, res, next) : next()));
  app.use(cors(origins.cors));
  if (sockets)
    app.use((req, res, next) => {
      if (req.path !== SOCKET_PATH) return next();
      // Sockets have budgets of their own.
      stateOf(res).counted = true;
      sockets.poll(req, res, next);
    });
  if (server.docs) docsAssets(app);
  mountRoutes(app, routesOf(platform, composition), {
    verifyAccessToken: composition.tokens.verifyAccessToken,
    access: composition.access,
    limiters,
    bodyLimitBytes: server.bodyLimitBytes,
  });
  app.use(() => {
    throw notFound('address');
  });
  app.use(rest.refusals);
  app.use(errorHandler({ metrics }));
  return app;
}

/** Does what belongs to no request: publishes the outbox events of all modules and runs their jobs. */
export function startBackground(platform: Platform, { modules }: Composition, to: Broadcaster): void {
  const { config, database, bus, logger, metrics, lifecycle } = platform;
  const handlers = Object.assign({}, ...modules.map((module) => module.outbox?.(to)));
  lifecycle.add(
    'outbox relay',
    createOutboxRelay(config.outbox, { database, bus, logger, metrics, handlers }),
  );
  lifecycle.add(
    'jobs',
    createJobs(
      modules.flatMap((module) => module.jobs ?? []),
      { logger },
    ),
  );
}

function createServer(platform: Platform, composition: Composition, options: AppOptions) {
  const { config, logger, metrics } = platform;
  const app = createExpressApp(platform, composition, options);
  const httpServer = createHttpServer(app, {
    requestTimeout: config.server.requestTimeoutMs,
    keepAliveTimeout: config.server.keepAliveMs,
    shouldUpgradeCallback: (req) => options.sockets !== undefined && isSocketHandshake(req),
  });
  if (options.sockets) httpServer.on('upgrade', options.sockets.upgrade);
  if (config.server.trustProxy === 0) warnOfUntrustedProxy(httpServer, logger);
  const connections = trackConnections(httpServer);
  answerOutsiders(httpServer, connections);
  httpServer.on('connection', (socket) => {
    metrics.activeConnections.inc();
    socket.once('close', () => metrics.activeConnections.dec());
  });
  return { express: app, httpServer, connections };
}

const keepModules = ({ lifecycle }: Platform, { modules }: Composition): void => {
  for (const { name, close } of modules) if (close) lifecycle.add(name, { close });
};

/** Probes and metrics alone, for a process that serves nobody else. */
export function createProbes(platform: Platform, composition: Composition) {
  keepModules(platform, composition);
  const modules = composition.modules.filter(({ name }) => name === 'health');
  return createServer(platform, { ...composition, modules }, {});
}

/** The whole API on one HTTP server: Express, sockets and, where this process is the relay, the outbox. */
export function createApp(platform: Platform, composition: Composition, options: AppOptions = {}) {
  const { config, logger, metrics, bus, redis } = platform;
  keepModules(platform, composition);
  const { verifyAccessToken } = composition.tokens;
  const sockets = createSocketServer(
    { origins: originsOf(config.server), trust: trustOf(config.server), ...config.realtime },
    {
      bus,
      redis,
      logger,
      metrics,
      events: composition.modules.flatMap((module) => module.events ?? []),
      limits: platform.limits,
      verifyAccessToken,
      holderOf: holderFinder(verifyAccessToken, (req) =>
        composition.callers.holderOf({ cookie: (name) => cookieOf(req, name) }, undefined),
      ),
      accessTokenExpiry: composition.tokens.accessTokenExpiry,
      access: composition.access,
      grants: createGrantsRepository(platform.database),
    },
  );
  if (config.outbox.relay === 'api') {
    startBackground(platform, composition, redis ? createRedisBroadcaster(redis) : sockets.local);
  }
  return { ...createServer(platform, composition, { ...options, sockets }), sockets };
}
