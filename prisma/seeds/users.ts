import { hash } from '@node-rs/argon2';
import { demoPassword, demoUsers } from './demo-users.ts';
import type { Seed } from './seed.ts';

/** OWASP's parameters for argon2id, which is this library's default algorithm (ASVS 11.4.2). */
const ARGON2 = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

export { demoPassword, demoUsers };

export type DemoEmail = (typeof demoUsers)[number]['email'];

/** @throws when no demo account has this address */
export function demoUserId(email: DemoEmail): string {
  const found = demoUsers.find((candidate) => candidate.email === email);
  if (!found) throw new Error(`There is no demo account ${email}.`);
  return found.id;
}

export const usersSeed: Seed = {
  what: 'users',
  async add({ prisma }) {
    const known = await prisma.user.count({ where: { id: { in: demoUsers.map(({ id }) => id) } } });
    if (known === demoUsers.length) return 0;
    const passwordHash = await hash(demoPassword, ARGON2);
    const { count } = await prisma.user.createMany({
      data: demoUsers.map(({ id, email, name, role }) => ({ id, email, name, role, passwordHash })),
      skipDuplicates: true,
    });
    return count;
  },
};
