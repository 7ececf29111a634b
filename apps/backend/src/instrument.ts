/** Preloaded (`node --import ./instrument.js main.js`), so that modules are instrumented before they are used. */
import { type Config, ConfigurationError, loadConfig } from './config/index.ts';
import { startTracing, type TracingOptions } from './platform/tracing/index.ts';

function tracingOptions({ version, tracing }: Config): TracingOptions {
  const { serviceName, environment, otlpEndpoint, sentryDsn, sampleRatio } = tracing;
  return { serviceName, serviceVersion: version, environment, otlpEndpoint, sentryDsn, sampleRatio };
}

try {
  await startTracing(tracingOptions(loadConfig()));
} catch (error) {
  // The program reads the same configuration next and says what is wrong with it.
  if (!(error instanceof ConfigurationError)) throw error;
}
