import type { IncomingMessage } from 'node:http';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { context, type Span, trace } from '@opentelemetry/api';
import { getNodeAutoInstrumentations } from '@opentelemetry/auto-instrumentations-node';
import { gateRequests } from './request-gate.ts';
import { redisStatement } from './scrub.ts';

type Configs = NonNullable<Parameters<typeof getNodeAutoInstrumentations>[0]>;

const require = createRequire(import.meta.url);

const withoutParent = () => trace.getActiveSpan() === undefined;

/** What is instrumented. Spans of the inside of Express are left out: the route is a name on the one server span. */
const INSTRUMENTED: Configs = {
  '@opentelemetry/instrumentation-http': {
    enabled: true,
    ignoreOutgoingRequestHook: withoutParent,
    applyCustomAttributesOnSpan: (span, request, response) => {
      if ('getHeader' in response) nameServerSpan(span, request, response.getHeader('x-request-id'));
    },
  },
  '@opentelemetry/instrumentation-undici': { enabled: true, ignoreRequestHook: withoutParent },
  '@opentelemetry/instrumentation-pg': { enabled: true, requireParentSpan: true, ignoreConnectSpans: true },
  '@opentelemetry/instrumentation-ioredis': {
    enabled: true,
    requireParentSpan: true,
    dbStatementSerializer: redisStatement,
  },
  '@opentelemetry/instrumentation-socket.io': { enabled: true, onIgnoreEventList: ['connection'] },
};

/** Everything that is not named is off, also what a later version of the package adds. */
const configs = new Proxy(INSTRUMENTED, {
  get: (known, name) => Reflect.get(known, name) ?? { enabled: false },
});

/**
 * Instruments HTTP, fetch, pg (and through it Prisma), ioredis and Socket.IO. Must run before they are used.
 * @param isTraced the sampling decision for an incoming request
 */
export function instrument(isTraced: (request: IncomingMessage) => boolean): void {
  gateRequests(() => {
    getNodeAutoInstrumentations(configs);
    // Instrumentations act on require(), which built-in modules imported by ES modules never pass.
    require('node:http');
    require('node:https');
    syncBuiltinESMExports();
  }, isTraced);
  // Packages are the same objects for import and require(): required here, they are instrumented for everybody, and
  // no loader hook has to look at each module of the program.
  require('ioredis');
  keepPoolContext(require('pg'));
}

/** `GET /orgs/:orgId` instead of `GET`: the template that Express matched, known when the answer is finished. */
function nameServerSpan(span: Span, request: object, requestId: unknown): void {
  if ('route' in request && typeof request.route === 'object' && request.route !== null) {
    const path = 'path' in request.route ? request.route.path : undefined;
    if (typeof path === 'string') {
      const base = 'baseUrl' in request && typeof request.baseUrl === 'string' ? request.baseUrl : '';
      const route = `${base}${path}`;
      span.setAttribute('http.route', route);
      if ('method' in request) span.updateName(`${request.method} ${route}`);
    }
  }
  if (typeof requestId === 'string') span.setAttribute('app.request_id', requestId);
}

type Callback = (...args: unknown[]) => unknown;

/**
 * A query that waited for a connection is called by whoever released one, in that one's context: its span would appear
 * in a stranger's trace. This calls it in the context of the one who asked.
 */
function keepPoolContext(pg: { Pool: { prototype: { connect: (callback?: Callback) => unknown } } }): void {
  const pool = pg.Pool.prototype;
  const { connect } = pool;
  pool.connect = function connectInContext(callback) {
    if (callback === undefined) return connect.call(this);
    const asker = context.active();
    return connect.call(this, (...args) =>
      context.active() === asker ? callback(...args) : context.with(asker, callback, undefined, ...args),
    );
  };
}
