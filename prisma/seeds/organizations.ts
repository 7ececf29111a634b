import { fixedId, type Seed } from './seed.ts';
import { type DemoEmail, demoUserId } from './users.ts';

const DAY_MS = 86_400_000;

export const acmeId = fixedId(2, 1);
export const globexId = fixedId(2, 2);

const members = (
  orgId: string,
  roles: readonly (readonly [DemoEmail, 'OWNER' | 'ADMIN' | 'MEMBER' | 'GUEST'])[],
) => roles.map(([email, role]) => ({ orgId, userId: demoUserId(email), role }));

/** Open for a week, as every invitation; the address may have an account or not. */
const invitation = (number: number, orgId: string, from: DemoEmail, email: string) => ({
  id: fixedId(5, number),
  orgId,
  email,
  role: 'MEMBER' as const,
  invitedBy: demoUserId(from),
  expiresAt: new Date(Date.now() + 7 * DAY_MS),
});

export const organizationsSeed: Seed = {
  what: 'organizations',
  async add({ prisma }) {
    const { count } = await prisma.organization.createMany({
      data: [
        { id: acmeId, name: 'Acme' },
        { id: globexId, name: 'Globex' },
      ],
      skipDuplicates: true,
    });
    // Somebody may have left a demo organization on purpose: only a new one gets its members.
    if (count === 0) return 0;
    await prisma.membership.createMany({
      data: [
        ...members(acmeId, [
          ['owner@acme.example', 'OWNER'],
          ['admin@acme.example', 'ADMIN'],
          ['member@acme.example', 'MEMBER'],
          ['guest@acme.example', 'GUEST'],
          ['super-admin@plinth.example', 'MEMBER'],
          ['admin@plinth.example', 'MEMBER'],
        ]),
        ...members(globexId, [['owner@globex.example', 'OWNER']]),
      ],
      skipDuplicates: true,
    });
    await prisma.invitation.createMany({
      data: [
        invitation(1, globexId, 'owner@globex.example', 'member@acme.example'),
        invitation(2, acmeId, 'owner@acme.example', 'newcomer@acme.example'),
      ],
    });
    return count;
  },
};
