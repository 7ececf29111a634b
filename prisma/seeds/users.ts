import { hash } from '@node-rs/argon2';
import { fixedId, type Seed } from './seed.ts';

/** The one password of all demo accounts. */
export const demoPassword = 'plinth-demo-1';

/** OWASP's parameters for argon2id, which is this library's default algorithm (ASVS 11.4.2). */
const ARGON2 = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

const user = <Email extends string>(
  number: number,
  email: Email,
  name: string,
  role: 'USER' | 'ADMIN' | 'SUPER_ADMIN',
  is: string,
) => ({ id: fixedId(1, number), email, name, role, is });

/** One account for each role. `is` says which, for people. */
export const demoUsers = [
  user(1, 'super-admin@plinth.example', 'Sol Reyes', 'SUPER_ADMIN', 'platform super admin'),
  user(2, 'admin@plinth.example', 'Ada Brandt', 'ADMIN', 'platform admin'),
  user(3, 'owner@acme.example', 'Olivia Acheson', 'USER', 'owner of Acme'),
  user(4, 'admin@acme.example', 'Anders Holm', 'USER', 'admin of Acme'),
  user(5, 'member@acme.example', 'Mina Okafor', 'USER', 'member of Acme'),
  user(6, 'guest@acme.example', 'Gus Lindqvist', 'USER', 'guest of Acme'),
  user(7, 'owner@globex.example', 'Gloria Byrne', 'USER', 'owner of Globex'),
] as const;

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
