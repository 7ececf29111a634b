import { DatabaseRoleError } from '@plinth/database';
import { ConfigurationError, loadConfig } from './config/index.ts';
import { createPlatform, type Platform } from './platform/index.ts';
import { captureError } from './platform/tracing/index.ts';

/** What a program does on the platform, and how it stops taking work. */
export interface Work {
  stop(): Promise<void>;
}

/** Time for closing everything after the work has stopped, in milliseconds. */
const CLOSE_MS = 15_000;
/** Exit code after a second signal: that of a program which Ctrl-C has ended. */
const INSISTED = 130;

function readConfig() {
  try {
    return loadConfig();
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    console.error(error.message);
    return process.exit(1);
  }
}

/**
 * Looks at the database before anything is served. One that does not answer is waited for by readiness; the check has
 * said in the log what is wrong.
 *
 * @throws DatabaseRoleError
 */
async function checkDatabase({ databaseCheck }: Platform): Promise<void> {
  await databaseCheck.check().catch((error: unknown) => {
    if (error instanceof DatabaseRoleError) throw error;
  });
}

const isPortTaken = (error: unknown): error is Error & { port: number } =>
  error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';

/**
 * Runs a program: configuration, platform, work. On SIGTERM or SIGINT it stops taking work, finishes what is under
 * way, closes everything in reverse order of creation and exits with 0; a second signal ends it at once, and so does
 * a deadline. A failed start and an error that nobody has handled end it with 1, in the same way.
 */
export async function runProcess(
  role: 'api' | 'worker',
  start: (platform: Platform) => Promise<Work>,
): Promise<void> {
  const platform = createPlatform(readConfig(), role);
  const { logger, lifecycle, config } = platform;
  let work: Work | undefined;
  let ending = false;
  let exitCode = 0;

  const end = async (reason: string) => {
    ending = true;
    logger.info({ reason }, 'Shutting down');
    const { drainMs, shutdownTimeoutMs } = config.server;
    setTimeout(() => process.exit(1), drainMs + shutdownTimeoutMs + CLOSE_MS).unref();
    try {
      await work?.stop();
    } catch (error) {
      logger.error({ err: error }, 'Stopping failed');
    }
    await lifecycle.close();
    process.exit(exitCode);
  };
  const fail = async (reason: string) => {
    exitCode = 1;
    if (!ending) await end(reason);
  };

  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.on(signal, () => {
      if (ending) process.exit(INSISTED);
      void end(signal);
    });
  process.on('unhandledRejection', (error) => {
    logger.fatal({ err: error }, 'A promise failed and nobody was waiting for it');
    captureError(error, { level: 'fatal' });
    // Parts that are being closed may give up what they were waiting for.
    if (!ending) void fail('unhandledRejection');
  });
  process.on('uncaughtException', (error) => {
    logger.fatal({ err: error }, 'Unexpected error; the process cannot be trusted any more');
    captureError(error, { level: 'fatal' });
    void fail('uncaughtException');
  });

  try {
    await checkDatabase(platform);
    work = await start(platform);
  } catch (error) {
    if (isPortTaken(error))
      logger.fatal(
        `Port ${error.port} is in use: end who uses it, or set ${role === 'api' ? 'PORT' : 'WORKER_PORT'} to another port.`,
      );
    // The check has told what is wrong with the role.
    else if (!(error instanceof DatabaseRoleError)) logger.fatal({ err: error }, 'The start failed');
    await fail('failed start');
  }
}
