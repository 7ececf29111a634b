import {
  connectionRemedy,
  type Database,
  DatabaseRoleError,
  readDatabaseRole,
  refuseStrongRole,
} from '@plinth/database';
import type { Config } from '../config/index.ts';
import type { Logger } from './logger.ts';

interface Deps {
  readonly config: Pick<Config, 'production'>;
  readonly database: Database;
  readonly logger: Logger;
}

/** Whether the database can be used, with a word on what to do about it when not. */
export interface DatabaseCheck {
  /** Rejects when it cannot be used. The first success has also judged the role. */
  check(): Promise<void>;
  /** What was wrong at the last check and how to mend it, fit for the public; undefined when nothing was. */
  remedy(): string | undefined;
}

export function createDatabaseCheck({ config, database, logger }: Deps): DatabaseCheck {
  let judged = false;
  let underWay: Promise<void> | undefined;
  let told: string | undefined;
  let remedy: string | undefined;

  const judge = async () => {
    const role = await readDatabaseRole(database);
    const warning = config.production ? refuseStrongRole(role) : undefined;
    if (warning !== undefined) logger.warn(warning);
    judged = true;
  };

  /** Once for each fault, however often it is asked. */
  const tell = (error: unknown) => {
    const role = error instanceof DatabaseRoleError;
    // What exactly the role may do is nothing for the public.
    remedy = role ? 'The role of DATABASE_URL is refused: see the log.' : connectionRemedy(error);
    const line = role ? error.message : (remedy ?? 'The database does not answer.');
    if (line !== told) logger.error(role ? {} : { err: error }, line);
    told = line;
  };

  const look = async () => {
    try {
      await (judged ? database.ping() : judge());
      told = undefined;
      remedy = undefined;
    } catch (error) {
      tell(error);
      throw error;
    }
  };

  return {
    check: () => {
      underWay ??= look().finally(() => {
        underWay = undefined;
      });
      return underWay;
    },
    remedy: () => remedy,
  };
}
