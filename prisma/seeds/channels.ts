import { acmeId, globexId } from './organizations.ts';
import { fixedId, type Seed } from './seed.ts';

export const acmeGeneral = { orgId: acmeId, id: fixedId(3, 1) };
export const acmeRandom = { orgId: acmeId, id: fixedId(3, 2) };
export const globexGeneral = { orgId: globexId, id: fixedId(3, 3) };

export const channelsSeed: Seed = {
  what: 'channels',
  async add({ prisma }) {
    const { count } = await prisma.channel.createMany({
      data: [
        { ...acmeGeneral, name: 'general', topic: 'What everybody should know' },
        { ...acmeRandom, name: 'random', topic: 'Everything else' },
        { ...globexGeneral, name: 'general', topic: 'What everybody should know' },
      ],
      skipDuplicates: true,
    });
    return count;
  },
};
