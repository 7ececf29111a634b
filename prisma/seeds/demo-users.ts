/** Data alone, so that the sign-in page of development can show it too. */
import { fixedId } from './seed.ts';

/** The one password of all demo accounts. */
export const demoPassword = 'plinth-demo-1';

const user = <Email extends string>(
  number: number,
  email: Email,
  name: string,
  role: 'USER' | 'ADMIN' | 'SUPER_ADMIN',
  is: string,
  can: string,
) => ({ id: fixedId(1, number), email, name, role, is, can });

/** One account for each role: `is` says which and `can` what for, for people. */
export const demoUsers = [
  user(
    1,
    'super-admin@plinth.example',
    'Sol Reyes',
    'SUPER_ADMIN',
    'platform super admin',
    'reads and writes in Acme; no page asks for the platform role yet',
  ),
  user(
    2,
    'admin@plinth.example',
    'Ada Brandt',
    'ADMIN',
    'platform admin',
    'reads and writes in Acme; no page asks for the platform role yet',
  ),
  user(3, 'owner@acme.example', 'Olivia Acheson', 'USER', 'owner of Acme', 'everything in Acme'),
  user(4, 'admin@acme.example', 'Anders Holm', 'USER', 'admin of Acme', 'manages the people of Acme'),
  user(5, 'member@acme.example', 'Mina Okafor', 'USER', 'member of Acme', 'reads and writes in Acme'),
  user(6, 'guest@acme.example', 'Gus Lindqvist', 'USER', 'guest of Acme', 'reads in Acme, writes nothing'),
  user(
    7,
    'owner@globex.example',
    'Gloria Byrne',
    'USER',
    'owner of Globex',
    'another organisation: sees nothing of Acme',
  ),
] as const;
