import { z } from 'zod';
import { isSubnet } from './addresses.ts';
import { rateLimitVariables } from './rate-limit-variables.ts';
import {
  databaseUrl,
  flag,
  integer,
  list,
  oneOf,
  origin,
  originFault,
  otlpEndpoint,
  quoted,
  redisUrl,
  SECRET_REMEDY,
  secret,
  sentryDsn,
  text,
  type Variable,
  variable,
} from './variable.ts';

export type { Variable } from './variable.ts';

/** Least memory for argon2id with 2 passes and 1 lane (OWASP Password Storage Cheat Sheet). */
export const OWASP_HASH_KIB = 19_456;

/** Every variable the backend reads, in the order of `.env.example`. Nothing else is read from the environment. */
export const variables = {
  NODE_ENV: variable({
    section: 'Server',
    doc: 'development, test or production. Production turns on the strict rules.',
    schema: oneOf('development', 'test', 'production'),
    fallback: 'development',
  }),
  HOST: variable({
    section: 'Server',
    doc: 'Address to listen on.',
    schema: text,
    fallback: (env) => (env === 'production' ? '0.0.0.0' : '127.0.0.1'),
  }),
  PORT: variable({
    section: 'Server',
    doc: 'Port to listen on; 0 takes a free one.',
    schema: integer(0, 65_535),
    fallback: '4000',
  }),
  APP_VERSION: variable({
    section: 'Server',
    doc: 'Version or commit of this build, shown in /api/v1/about and sent with errors and traces.',
    schema: text,
    fallback: 'dev',
  }),
  WEB_ORIGIN: variable({
    section: 'Server',
    doc: 'Origin under which people open the web app. Browsers may call the API and the socket from here.',
    schema: origin,
    fallback: (env) => (env === 'production' ? undefined : 'http://localhost:3000'),
    remedy: 'Set it to the public address, for example https://chat.example.com',
    example: 'https://chat.example.com',
  }),
  CORS_ORIGINS: variable({
    section: 'Server',
    doc: 'Further origins that browsers may call from, separated by commas. Exact: no wildcards.',
    schema: list.superRefine((origins, ctx) => {
      for (const fault of origins.flatMap((value) => originFault(value) ?? [])) ctx.addIssue(fault);
    }),
    fallback: '',
  }),
  TRUST_PROXY: variable({
    section: 'Server',
    doc: 'Proxies whose X-Forwarded-* headers are believed: a number of hops, or subnets separated by commas.',
    schema: z
      .string()
      .refine((value) => /^\d{1,2}$/.test(value) || value.split(',').every((item) => isSubnet(item.trim())), {
        error: 'must be a number of hops or a list of subnets such as 10.0.0.0/8, never "true" or everybody',
      })
      .transform((value) =>
        /^\d+$/.test(value) ? Number(value) : value.split(',').map((item) => item.trim()),
      ),
    fallback: '0',
  }),
  BODY_LIMIT_BYTES: variable({
    section: 'Server',
    doc: 'Largest JSON body in bytes; a larger one is answered with 413.',
    schema: integer(1024, 10_485_760),
    fallback: '102400',
  }),
  KEEP_ALIVE_SECONDS: variable({
    section: 'Server',
    doc: "How long an idle connection stays open. Longer than the proxy's own keep-alive.",
    schema: integer(1, 600),
    fallback: '65',
  }),
  REQUEST_TIMEOUT_SECONDS: variable({
    section: 'Server',
    doc: 'Longest time a request may take to arrive.',
    schema: integer(1, 600),
    fallback: '30',
  }),
  SHUTDOWN_DRAIN_SECONDS: variable({
    section: 'Server',
    doc: 'After SIGTERM: how long requests are still accepted while readiness says 503.',
    schema: integer(0, 120),
    fallback: (env) => (env === 'production' ? '5' : '0'),
  }),
  SHUTDOWN_TIMEOUT_SECONDS: variable({
    section: 'Server',
    doc: 'After draining: how long requests under way may still take before they are cut.',
    schema: integer(1, 300),
    fallback: '20',
  }),
  SERVE_WEB: variable({
    section: 'Server',
    doc: 'Serve the built web app from this process. Turn off where a CDN or nginx does it.',
    schema: flag,
    fallback: (env) => (env === 'production' ? 'true' : 'false'),
  }),

  DATABASE_URL: variable({
    section: 'PostgreSQL',
    doc: 'Where queries go, possibly through PgBouncer. Pool parameters are honoured: connection_limit (20 unless told), pool_timeout and connect_timeout (3 s unless told), pgbouncer=true.',
    schema: databaseUrl,
    remedy: 'Set it, or run "npm run dev", which brings a database of its own.',
    example:
      'postgresql://plinth:password@localhost:5432/plinth?connection_limit=20&pool_timeout=20&connect_timeout=10',
  }),
  DIRECT_URL: variable({
    section: 'PostgreSQL',
    doc: 'PostgreSQL itself, past PgBouncer: for migrations. DATABASE_URL is used when unset.',
    schema: databaseUrl,
    optional: true,
  }),
  QUERY_TIMEOUT_SECONDS: variable({
    section: 'PostgreSQL',
    doc: 'Longest time one statement may take.',
    schema: integer(1, 300),
    fallback: '30',
  }),

  REDIS_URL: variable({
    section: 'Redis',
    doc: 'Redis for rate limits, sockets across instances and wake-ups. Without it the API must run as a single process.',
    schema: redisUrl,
    optional: true,
    example: 'redis://localhost:6379',
  }),
  REDIS_NAMESPACE: variable({
    section: 'Redis',
    doc: 'Begins the name of every key and channel, so that installations can share one Redis. All processes of one installation have the same; "npm run dev" and "npm start" give each copy of the project its own.',
    schema: text.regex(/^[\w.-]{1,64}$/, 'must be 1 to 64 letters, digits, dots, hyphens or underscores'),
    fallback: 'plinth',
    remedy: 'Give each database its own, for example plinth-staging.',
  }),
  REDIS_COMMAND_TIMEOUT_MS: variable({
    section: 'Redis',
    doc: 'How long a request waits for Redis before it goes on without.',
    schema: integer(10, 10_000),
    fallback: '300',
  }),

  JWT_SECRET: variable({
    section: 'Tokens',
    doc: 'Signs access tokens. At least 32 characters.',
    schema: secret,
    remedy: SECRET_REMEDY,
  }),
  JWT_REFRESH_SECRET: variable({
    section: 'Tokens',
    doc: 'Signs refresh tokens. At least 32 characters, different from JWT_SECRET.',
    schema: secret,
    remedy: SECRET_REMEDY,
  }),
  JWT_PREVIOUS_SECRETS: variable({
    section: 'Tokens',
    doc: 'Former values of JWT_SECRET, separated by commas: still accepted, never used to sign. Rotate every 90 days.',
    schema: list.refine(
      (secrets) => secrets.every((value) => value.length >= 32),
      'each must have at least 32 characters',
    ),
    fallback: '',
  }),
  JWT_PREVIOUS_REFRESH_SECRETS: variable({
    section: 'Tokens',
    doc: 'Former values of JWT_REFRESH_SECRET, separated by commas.',
    schema: list.refine(
      (secrets) => secrets.every((value) => value.length >= 32),
      'each must have at least 32 characters',
    ),
    fallback: '',
  }),
  JWT_ISSUER: variable({
    section: 'Tokens',
    doc: 'Issuer (iss) of the tokens.',
    schema: text,
    fallback: 'plinth',
  }),
  JWT_AUDIENCE: variable({
    section: 'Tokens',
    doc: 'Audience (aud) of the tokens.',
    schema: text,
    fallback: 'plinth-api',
  }),
  ACCESS_TOKEN_MINUTES: variable({
    section: 'Tokens',
    doc: 'Lifetime of an access token.',
    schema: integer(1, 60),
    fallback: '15',
  }),
  REFRESH_TOKEN_DAYS: variable({
    section: 'Tokens',
    doc: 'Lifetime of an unused refresh token.',
    schema: integer(1, 90),
    fallback: '30',
  }),
  SESSION_DAYS: variable({
    section: 'Tokens',
    doc: 'Absolute lifetime of a session, however often its token is refreshed.',
    schema: integer(1, 365),
    fallback: '90',
  }),
  REFRESH_GRACE_SECONDS: variable({
    section: 'Tokens',
    doc: 'How long the token just replaced may be sent again, for a reply that was lost. Any older one ends the session.',
    schema: integer(0, 60),
    fallback: '10',
  }),
  PASSWORD_HASH_KIB: variable({
    section: 'Tokens',
    doc: "Memory that a password hash needs, in KiB. Production takes OWASP's minimum for argon2id with 2 passes or more.",
    schema: integer(1024, 1_048_576),
    fallback: String(OWASP_HASH_KIB),
  }),
  PASSWORD_HASHES_AT_ONCE: variable({
    section: 'Tokens',
    doc: 'Password hashes computed at the same time, in a process of low priority; more wait in line. One keeps the other cores free; a core computes about 30 in a second. Each needs the memory of PASSWORD_HASH_KIB.',
    schema: integer(1, 64),
    fallback: '1',
  }),
  PASSWORD_HASHES_WAITING: variable({
    section: 'Tokens',
    doc: 'Sign-ins that may wait for their hash. Networks take turns; when all places are taken, whoever has the most loses one, with 429.',
    schema: integer(1, 10_000),
    fallback: '200',
  }),

  INVITATION_DAYS: variable({
    section: 'Organisations',
    doc: 'How long an invitation can be accepted.',
    schema: integer(1, 30),
    fallback: '7',
  }),

  ...rateLimitVariables,
  MEMBERSHIP_REFRESH_MS: variable({
    section: 'Rate limits',
    doc: 'How often memberships and sessions of connected users are read from PostgreSQL, should a signal be lost.',
    schema: integer(100, 60_000),
    fallback: '3000',
  }),

  WORKER_PORT: variable({
    section: 'Background',
    doc: "Port of the worker's probes and metrics; 0 takes a free one.",
    schema: integer(0, 65_535),
    fallback: (env) => (env === 'production' ? '4001' : '0'),
  }),
  OUTBOX_RELAY: variable({
    section: 'Background',
    doc: 'Who publishes outbox events: "worker", "api", or "auto" (the worker when there is Redis, else the API).',
    schema: oneOf('auto', 'worker', 'api'),
    fallback: 'auto',
  }),
  OUTBOX_BATCH: variable({
    section: 'Background',
    doc: 'Events published at once.',
    schema: integer(1, 1000),
    fallback: '100',
  }),
  OUTBOX_POLL_MS: variable({
    section: 'Background',
    doc: 'Longest wait for an event whose wake-up was lost.',
    schema: integer(50, 60_000),
    fallback: '1000',
  }),

  LOG_LEVEL: variable({
    section: 'Observability',
    doc: 'trace, debug, info, warn, error or silent.',
    schema: oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'),
    fallback: 'info',
  }),
  METRICS_TOKEN: variable({
    section: 'Observability',
    doc: 'Bearer token for /metrics. Without one, /metrics is open in development and closed in production.',
    schema: text.min(16, 'must have at least 16 characters'),
    optional: true,
  }),
  DOCS_ENABLED: variable({
    section: 'Observability',
    doc: 'Serve /docs and /openapi.json.',
    schema: flag,
    fallback: (env) => (env === 'production' ? 'false' : 'true'),
  }),
  OTEL_EXPORTER_OTLP_ENDPOINT: variable({
    section: 'Observability',
    doc: 'OpenTelemetry collector (OTLP over HTTP). Unset: no spans are made.',
    schema: otlpEndpoint,
    optional: true,
    example: 'http://localhost:4318',
  }),
  OTEL_SERVICE_NAME: variable({
    section: 'Observability',
    doc: 'Name of this service in traces.',
    schema: text,
    fallback: 'plinth-api',
  }),
  SENTRY_DSN: variable({
    section: 'Observability',
    doc: 'Where errors are reported. Unset: they are only logged.',
    schema: sentryDsn,
    optional: true,
  }),
  SENTRY_ENVIRONMENT: variable({
    section: 'Observability',
    doc: 'Name of this environment in errors and traces.',
    schema: text,
    fallback: (env) => env,
  }),
  SENTRY_TRACES_SAMPLE_RATE: variable({
    section: 'Observability',
    doc: 'Share of requests that are traced, 0 to 1; one decision for OpenTelemetry and Sentry.',
    schema: z
      .string()
      .refine((value) => /^(?:0|1|0?\.\d+|[01]\.\d+)$/.test(value) && Number(value) <= 1, {
        error: ({ input }) => `must be a number from 0 to 1; it is ${quoted(input)}`,
      })
      .transform(Number),
    fallback: '0.1',
  }),
} satisfies Record<string, Variable>;

export type VariableName = keyof typeof variables;
/** All variables after reading; an optional one may be undefined. */
export type Env = {
  readonly [K in VariableName]:
    | z.output<(typeof variables)[K]['schema']>
    | ((typeof variables)[K] extends { optional: true } ? undefined : never);
};
