import { acmeGeneral, acmeRandom, globexGeneral } from './channels.ts';
import { general, globex, type Line, random } from './conversations.ts';
import { fixedId, type Seed, timeId } from './seed.ts';
import { demoUserId } from './users.ts';

const MINUTE_MS = 60_000;

export const messagesSeed: Seed = {
  what: 'messages',
  async add({ prisma }) {
    const now = Date.now();
    let number = 0;
    const conversation = (channel: { id: string; orgId: string }, lines: readonly Line[]) =>
      lines.map(([email, body], index) => {
        number += 1;
        const sentAt = now - (lines.length - index) * 7 * MINUTE_MS;
        return {
          id: timeId(sentAt, number),
          orgId: channel.orgId,
          channelId: channel.id,
          authorId: demoUserId(email),
          clientId: fixedId(4, number),
          body,
          createdAt: new Date(sentAt),
          seq: index + 1,
          changedSeq: index + 1,
        };
      });
    const channels = [
      [acmeGeneral, general],
      [acmeRandom, random],
      [globexGeneral, globex],
    ] as const;
    let added = 0;
    for (const [channel, lines] of channels) {
      // Numbers are given one after the other, so a conversation begins in a channel where nobody has written.
      const begun = await prisma.channel.updateMany({
        where: { id: channel.id, lastSeq: 0 },
        data: { lastSeq: lines.length },
      });
      const data = conversation(channel, lines);
      if (begun.count > 0) added += (await prisma.message.createMany({ data })).count;
    }
    return added;
  },
};
