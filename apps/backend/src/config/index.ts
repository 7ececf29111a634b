import { cookieNames } from './cookie-names.ts';
import { readEnv } from './read-env.ts';

export { ConfigurationError } from './configuration-error.ts';
export type { CookieNames } from './cookie-names.ts';
export type { Rate } from './rate.ts';

const MINUTE_S = 60;
const DAY_S = 86_400;

/** The configuration as the code uses it: grouped, typed, checked. Durations name their unit. */
export type Config = ReturnType<typeof loadConfig>;

/**
 * Turns the environment into the configuration.
 * @throws ConfigurationError naming all faults at once
 */
export function loadConfig(raw: Readonly<Record<string, string | undefined>> = process.env) {
  const env = readEnv(raw);
  const production = env.NODE_ENV === 'production';
  return {
    nodeEnv: env.NODE_ENV,
    production,
    version: env.APP_VERSION,
    server: {
      host: env.HOST,
      port: env.PORT,
      webOrigin: env.WEB_ORIGIN,
      allowedOrigins: [...new Set([env.WEB_ORIGIN, ...env.CORS_ORIGINS])],
      trustProxy: env.TRUST_PROXY,
      bodyLimitBytes: env.BODY_LIMIT_BYTES,
      keepAliveMs: env.KEEP_ALIVE_SECONDS * 1000,
      requestTimeoutMs: env.REQUEST_TIMEOUT_SECONDS * 1000,
      drainMs: env.SHUTDOWN_DRAIN_SECONDS * 1000,
      shutdownTimeoutMs: env.SHUTDOWN_TIMEOUT_SECONDS * 1000,
      serveWeb: env.SERVE_WEB,
      docs: env.DOCS_ENABLED,
    },
    database: { url: env.DATABASE_URL, queryTimeoutMs: env.QUERY_TIMEOUT_SECONDS * 1000 },
    redis: env.REDIS_URL
      ? {
          url: env.REDIS_URL,
          namespace: env.REDIS_NAMESPACE,
          commandTimeoutMs: env.REDIS_COMMAND_TIMEOUT_MS,
        }
      : undefined,
    tokens: {
      issuer: env.JWT_ISSUER,
      audience: env.JWT_AUDIENCE,
      accessSecrets: [env.JWT_SECRET, ...env.JWT_PREVIOUS_SECRETS],
      refreshSecrets: [env.JWT_REFRESH_SECRET, ...env.JWT_PREVIOUS_REFRESH_SECRETS],
      accessTtlS: env.ACCESS_TOKEN_MINUTES * MINUTE_S,
      refreshTtlS: env.REFRESH_TOKEN_DAYS * DAY_S,
      sessionTtlS: env.SESSION_DAYS * DAY_S,
      refreshGraceS: env.REFRESH_GRACE_SECONDS,
    },
    passwords: {
      memoryKib: env.PASSWORD_HASH_KIB,
      hashesAtOnce: env.PASSWORD_HASHES_AT_ONCE,
      hashesWaiting: env.PASSWORD_HASHES_WAITING,
    },
    cookies: cookieNames({ production, webOrigin: env.WEB_ORIGIN, secret: env.JWT_REFRESH_SECRET }),
    rateLimits: {
      general: {
        rate: env.RATE_LIMIT_GENERAL,
        withoutRedis: 'local',
        tellEveryMs: env.RATE_LIMIT_TELL_EVERY_MS,
      },
      session: { rate: env.RATE_LIMIT_SESSION, withoutRedis: 'local', tellEveryMs: 0 },
      // Readiness must not hang on Redis.
      probe: { rate: env.RATE_LIMIT_PROBES, withoutRedis: 'local', tellEveryMs: 0, shared: false },
      // Guesses at passwords are counted one by one.
      auth: { rate: env.RATE_LIMIT_AUTH, withoutRedis: env.RATE_LIMIT_AUTH_WITHOUT_REDIS },
      account: { rate: env.RATE_LIMIT_ACCOUNT },
      events: {
        rate: env.SOCKET_EVENTS,
        withoutRedis: 'local',
        tellEveryMs: env.RATE_LIMIT_TELL_EVERY_MS,
      },
      handshake: { rate: env.SOCKET_HANDSHAKES },
    },
    organizations: { foundingRate: env.RATE_LIMIT_ORGANIZATIONS },
    invitations: { days: env.INVITATION_DAYS, rate: env.RATE_LIMIT_INVITATIONS },
    realtime: { socketsPerUser: env.SOCKETS_PER_USER, refreshMs: env.MEMBERSHIP_REFRESH_MS },
    worker: { port: env.WORKER_PORT },
    outbox: {
      relay: env.OUTBOX_RELAY === 'auto' ? (env.REDIS_URL ? 'worker' : 'api') : env.OUTBOX_RELAY,
      batch: env.OUTBOX_BATCH,
      pollMs: env.OUTBOX_POLL_MS,
    },
    logs: { level: env.LOG_LEVEL },
    metrics: { token: env.METRICS_TOKEN, open: !production && env.METRICS_TOKEN === undefined },
    tracing: {
      otlpEndpoint: env.OTEL_EXPORTER_OTLP_ENDPOINT,
      serviceName: env.OTEL_SERVICE_NAME,
      sentryDsn: env.SENTRY_DSN,
      environment: env.SENTRY_ENVIRONMENT,
      sampleRatio: env.SENTRY_TRACES_SAMPLE_RATE,
    },
  } as const;
}
