/** Data of `npm run licences`: what may be delivered, and why each direct dependency is. */

/** Workspaces that are delivered: the image of API and worker, and the bundle of the web app. */
export const DELIVERED = ['apps/backend', 'apps/web'];

/** SPDX ids of licences that ask for no more than a notice. */
export const ALLOWED: ReadonlySet<string> = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC0-1.0',
  'ISC',
  'MIT',
  'MIT-0',
  'Python-2.0',
  'Unlicense',
  'Zlib',
]);

/**
 * Packages that are delivered although package-lock.json names no licence of the list, and why that is in order. With
 * the version, so that an upgrade is looked at again.
 */
export const EXCEPTIONS: Readonly<Record<string, string>> = {
  'xmlhttprequest-ssl@2.1.2': 'MIT by its LICENSE file; package.json says so in a form of before SPDX',
};

/** Why each direct production dependency is there. */
export const REASONS: Readonly<Record<string, string>> = {
  '@node-rs/argon2': 'password hashes (argon2id) off the event loop, prebuilt for each platform',
  '@opentelemetry/api': 'spans of our own; what instrumentations and exporter share',
  '@opentelemetry/auto-instrumentations-node': 'spans of HTTP, Express, PostgreSQL, Redis and Socket.IO',
  '@opentelemetry/context-async-hooks': 'carries the current span through async code',
  '@opentelemetry/core': 'W3C trace context between services',
  '@opentelemetry/exporter-trace-otlp-http': 'sends spans to a collector',
  '@opentelemetry/resources': 'says which service a span is of',
  '@opentelemetry/sdk-trace': 'sampling and batches of spans',
  '@prisma/adapter-pg': "Prisma over the process's one PostgreSQL pool",
  '@prisma/client': 'typed queries',
  '@prisma/driver-adapter-utils': 'what an adapter of Prisma must look like; binds the migration engine',
  '@prisma/schema-engine-wasm': 'applies migrations without a native engine',
  '@sentry/node': 'reports errors',
  '@socket.io/redis-adapter': 'socket rooms across instances',
  '@socket.io/redis-emitter': 'the worker speaks to sockets of every instance',
  '@tanstack/react-query': 'server state in the web app: cache, retries, pages',
  '@tanstack/react-router': 'typed routes of the web app',
  '@zxcvbn-ts/language-common': 'the commonest passwords, to refuse them without a network',
  compression: 'compressed replies where no proxy does it',
  cookie: 'reads and writes the session cookies (RFC 6265)',
  cors: 'exact origins that may call from a browser',
  'engine.io': 'the transport of the sockets, attached behind Express',
  express: 'HTTP routing',
  'express-rate-limit': 'budgets of requests, and their headers',
  helmet: 'security headers',
  ioredis: 'Redis: limits, signals, sockets',
  jose: 'JSON Web Tokens (RFC 7519, RFC 8725)',
  pg: 'PostgreSQL',
  pino: 'JSON logs',
  'pino-http': 'one log line for each request',
  'prom-client': 'metrics for Prometheus',
  'rate-limit-redis': 'budgets that all instances share',
  react: 'the web app',
  'react-dom': 'the web app',
  'socket.io-parser': 'packets of Socket.IO, read without attachments',
  'socket.io': 'realtime events with fallback to polling',
  'socket.io-client': "the web app's side of the socket",
  'swagger-ui-dist': 'reference page at /docs',
  uuid: 'time-ordered ids (UUIDv7)',
  virtua: 'long conversations: renders the messages on screen, not all',
  zod: 'contracts: validation, types, OpenAPI',
};
