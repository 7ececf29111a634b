import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** Labels take their values from the code (route templates, classes, names), never from a request. */
export function createMetrics() {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 20 });
  const registers = [registry];
  return {
    registry,
    httpRequests: new Counter({
      name: 'http_requests_total',
      help: 'Requests answered',
      labelNames: ['method', 'route', 'status'],
      registers,
    }),
    httpDuration: new Histogram({
      name: 'http_request_duration_seconds',
      help: 'Time from the request to the end of its answer',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    }),
    activeConnections: new Gauge({ name: 'active_connections', help: 'Open HTTP connections', registers }),
    sockets: new Gauge({ name: 'websocket_connections', help: 'Open sockets', registers }),
    socketsClosed: new Counter({
      name: 'websocket_closed_total',
      help: 'Closed sockets by reason',
      labelNames: ['reason'],
      registers,
    }),
    socketResyncs: new Counter({
      name: 'websocket_resync_total',
      help: 'Times that all sockets were closed because the subscription to Redis had been away',
      registers,
    }),
    socketEvents: new Counter({
      name: 'websocket_events_total',
      help: 'Socket events received',
      labelNames: ['event', 'outcome'],
      registers,
    }),
    errors: new Counter({
      name: 'error_records_total',
      help: 'Errors answered or caught',
      labelNames: ['code', 'severity'],
      registers,
    }),
    rateLimited: new Counter({
      name: 'rate_limit_exceeded_total',
      help: 'Requests refused by a rate limit',
      labelNames: ['class'],
      registers,
    }),
    rateLimitFallbacks: new Counter({
      name: 'rate_limit_fallback_total',
      help: 'Requests counted without Redis although it is configured',
      labelNames: ['class'],
      registers,
    }),
    authFailures: new Counter({
      name: 'auth_failures_total',
      help: 'Refused credentials and tokens',
      labelNames: ['reason'],
      registers,
    }),
    outboxPublished: new Counter({
      name: 'outbox_published_total',
      help: 'Outbox events published',
      labelNames: ['topic'],
      registers,
    }),
    outboxFailures: new Counter({
      name: 'outbox_failures_total',
      help: 'Failed attempts to publish an outbox event',
      labelNames: ['topic'],
      registers,
    }),
    outboxLag: new Gauge({
      name: 'outbox_lag_seconds',
      help: 'Age of the event just published, from commit to publication',
      registers,
    }),
    outboxPending: new Gauge({ name: 'outbox_pending', help: 'Events waiting to be published', registers }),
    outboxOldest: new Gauge({
      name: 'outbox_oldest_pending_seconds',
      help: 'Age of the oldest event that waits',
      registers,
    }),
    redisUp: new Gauge({ name: 'redis_up', help: 'Whether Redis answers', labelNames: ['role'], registers }),
    poolGauge: (read: () => { total: number; idle: number; waiting: number; max: number }) =>
      new Gauge({
        name: 'database_pool_connections',
        help: 'Connections of the database pool by state',
        labelNames: ['state'],
        registers,
        collect() {
          for (const [state, count] of Object.entries(read())) this.set({ state }, count);
        },
      }),
  };
}

export type Metrics = ReturnType<typeof createMetrics>;
