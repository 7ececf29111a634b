import { acmeGeneral, acmeRandom, globexGeneral } from './channels.ts';
import { fixedId, type Seed, timeId } from './seed.ts';
import { type DemoEmail, demoUserId } from './users.ts';

const MINUTE_MS = 60_000;

/** More than one page of a conversation, so that paging back can be seen. */
const OPENING: readonly (readonly [DemoEmail, string])[] = [
  ['owner@acme.example', 'Good morning! This is the general channel: plans, releases, questions.'],
  ['admin@acme.example', 'Morning. The release candidate is on staging since last night.'],
  ['member@acme.example', 'I will go through the sign-up flow on a phone.'],
  ['owner@acme.example', 'Thank you. Please note anything that needs more than one tap.'],
  ['guest@acme.example', 'Reading along for the design review.'],
];

const ROUND: readonly (readonly [DemoEmail, string])[] = [
  ['member@acme.example', 'Sign-up: done, two small findings, both written down.'],
  ['admin@acme.example', 'Thanks, the first one is fixed already.'],
  ['owner@acme.example', 'Shall we move the review to two o’clock?'],
  ['member@acme.example', 'Two o’clock works for me.'],
  ['admin@acme.example', 'For me too. I will bring the load test figures.'],
];

const CONVERSATION_LENGTH = 60;

const general = Array.from(
  { length: CONVERSATION_LENGTH },
  (_, index): readonly [DemoEmail, string] =>
    OPENING[index] ?? ROUND[index % ROUND.length] ?? ['owner@acme.example', 'Good morning!'],
);

const random: typeof general = [
  ['member@acme.example', 'Who took the good coffee?'],
  ['admin@acme.example', 'It was empty when I found it.'],
];

const globex: typeof general = [['owner@globex.example', 'Hello Globex. Nobody at Acme can read this.']];

export const messagesSeed: Seed = {
  what: 'messages',
  async add({ prisma }) {
    const now = Date.now();
    let number = 0;
    const conversation = (channel: { id: string; orgId: string }, lines: typeof general) =>
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
