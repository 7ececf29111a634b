/** Demo data for development: one organisation with an account for each role, and a second one beside it. */
import { createDatabase } from '@plinth/database';
import { channelsSeed } from './seeds/channels.ts';
import { messagesSeed } from './seeds/messages.ts';
import { organizationsSeed } from './seeds/organizations.ts';
import type { Seed } from './seeds/seed.ts';
import { demoPassword, demoUsers, usersSeed } from './seeds/users.ts';

const SEEDS: readonly Seed[] = [
  // In the order in which they depend on each other.
  usersSeed,
  organizationsSeed,
  channelsSeed,
  messagesSeed,
];

export interface DemoAccount {
  readonly email: string;
  readonly name: string;
  /** What this account is, for people: `owner of Acme`. */
  readonly role: string;
  readonly password: string;
}

export const demoAccounts: readonly DemoAccount[] = demoUsers.map(({ email, name, is }) => ({
  email,
  name,
  role: is,
  password: demoPassword,
}));

/** The demo data was not written. The message says why. */
export class SeedError extends Error {
  override name = 'SeedError';
}

export interface SeedOptions {
  /** `NODE_ENV`; seeding is refused in production, since everybody knows the password. */
  readonly environment?: string | undefined;
}

/**
 * Adds the demo data that is missing, all or nothing; a second run changes nothing.
 *
 * @returns how many rows of each kind were added
 * @throws SeedError in production
 */
export async function seedDatabase(url: string, options: SeedOptions = {}): Promise<Record<string, number>> {
  if (options.environment === 'production') {
    throw new SeedError('Demo data is refused when NODE_ENV is production: its password is public.');
  }
  const database = createDatabase({ url, applicationName: 'plinth seed' });
  try {
    return await database.transaction(async (tx) => {
      const added: Record<string, number> = {};
      for (const seed of SEEDS) added[seed.what] = await seed.add(tx);
      return added;
    });
  } finally {
    await database.close();
  }
}
