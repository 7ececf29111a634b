import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createTestApp, type TestApp } from '../../testing/create-test-app.ts';
import { type Person, signUp } from '../../testing/factories.ts';
import { problemOf, send } from '../../testing/http.ts';
import { pagesOf } from '../../testing/pages.ts';

let app: TestApp;
let owner: Person;

beforeAll(async () => {
  app = await createTestApp();
  owner = await signUp(app, 'Ada');
});
afterAll(() => app.close());

const params = () => ({ orgId: owner.orgId });
const create = (name: string, topic?: string) =>
  owner.api.channels.createChannel({
    params: params(),
    body: { name, ...(topic !== undefined && { topic }) },
  });

describe('a channel name', () => {
  test.each([
    ['हिन्दी', 'हिन्दी'],
    ['ภาษาไทย', 'ภาษาไทย'],
    ['مُحَمَّد', 'مُحَمَّد'],
    ['می‌خواهم', 'می‌خواهم'],
    ['cafe\u0301', 'caf\u00e9'],
    ['Größe', 'größe'],
    ['한국어', '한국어'],
    ['Ἀθῆναι', 'ἀθῆναι'],
  ])('may be written in any script: %s', async (typed, stored) => {
    const channel = await create(typed);
    expect(channel.name).toBe(stored.normalize('NFC'));
    expect(await owner.api.channels.getChannel({ params: { ...params(), channelId: channel.id } })).toEqual(
      channel,
    );
  });

  test.each([
    ['\u0646\u0645', '\u0646\u200c\u0645'], // Arabic with ZWNJ
    ['क\u094dष', 'क\u094d\u200dष', 'क\u094d\u200cष'],
    ['田中', '田\ufe00中', '田\u{e0100}中', '田中\u{e0101}'],
    ['\u1820\u182d\u1820', '\u1820\u182d\u180b\u1820'],
    ['straße', 'STRASSE', 'Strasse', 'STRAẞE'],
    ['σας', 'ΣΑΣ', 'σασ'],
    ['ſala', 'sala', 'ＳＡＬＡ'],
    ['вода', '\u1c80ода', 'ВОДА'],
    ['İx', 'i\u0307x'],
  ])('%s is taken in every spelling that looks like it', async (first, ...others) => {
    await create(first);
    for (const name of [first, ...others])
      await expect(create(name)).rejects.toMatchObject({
        status: 409,
        problem: { code: 'conflict', errors: [{ in: 'body', field: 'name' }] },
      });
  });

  test('keeps the joiners and variants it was given', async () => {
    for (const name of ['نم\u200cها', 'क\u094d\u200dत', '葛\u{e0100}', 'λόγος'])
      expect((await create(name)).name).toBe(name.normalize('NFKC'));
  });

  test.each([
    ...[
      '\u{16fe4}',
      'ada\u{16fe4}',
      'ada\u{13437}',
      '\ue000',
      'ada\ue000',
      'ada\u{1fbfd}',
      `a${'\u0316'.repeat(17)}`,
    ],
    ...['\u0646\u200d\u0645', '田\ufe0f', 'a\u{e0100}'],
    '\u3164',
    'a\u3164',
    '\u202egeneral',
    'two\nlines',
    'a\u200bb',
    'nul\u0000',
    '\ud800',
    'two words',
    '😀',
  ])('is refused, and the field named, for %j', async (name) => {
    const reply = await send(`${app.url}/api/v1/orgs/${owner.orgId}/channels`, {
      json: { name },
      headers: { authorization: `Bearer ${owner.accessToken}` },
    });
    expect(problemOf(reply)).toMatchObject({ status: 400, errors: [{ in: 'body', field: 'name' }] });
  });

  test('is taken in every spelling once it is taken', async () => {
    await create('Réunion');
    for (const spelling of ['réunion', 're\u0301union', 'RÉUNION', 'ＲＥ\u0301ＵＮＩＯＮ', ' réunion ']) {
      await expect(create(spelling)).rejects.toMatchObject({ status: 409 });
    }
  });
});

describe('a topic', () => {
  test('is one line of up to 200 characters, an emoji being one', async () => {
    expect(await create('long', '😀'.repeat(200))).toMatchObject({ topic: '😀'.repeat(200) });
    await expect(create('longer', '😀'.repeat(201))).rejects.toMatchObject({ status: 400 });
    await expect(create('lines', 'a\nb')).rejects.toMatchObject({ status: 400 });
  });
});

test('the list of channels is read to its end, by name, while others add channels', async () => {
  await app.platform.database.query(
    `INSERT INTO channels (id, org_id, name)
     SELECT gen_random_uuid(), $1::uuid, 'room-' || md5(n::text) FROM generate_series(1, 512) n`,
    [owner.orgId],
  );
  const before = await app.platform.database.prisma.channel.findMany({
    where: { orgId: owner.orgId },
    orderBy: { name: 'asc' },
  });
  let count = 0;
  const pages = await pagesOf(async (cursor) => {
    const page = await owner.api.channels.listChannels({
      params: params(),
      query: { limit: 100, ...(cursor && { cursor }) },
    });
    await create(`aaa-before-${count}`);
    await create(`zzz-after-${count++}`);
    return page;
  });
  const names = pages.flatMap(({ items }) => items.map(({ name }) => name));
  expect(new Set(names).size).toBe(names.length);
  expect(names.filter((name) => before.some((channel) => channel.name === name))).toEqual(
    before.map(({ name }) => name),
  );
});

test('a cursor of the channels of another organisation is refused', async () => {
  const { nextCursor } = await owner.api.channels.listChannels({ params: params(), query: { limit: 1 } });
  const other = await signUp(app, 'Mallory');
  await expect(
    other.api.channels.listChannels({ params: { orgId: other.orgId }, query: { cursor: nextCursor ?? '' } }),
  ).rejects.toMatchObject({ status: 400 });
});
