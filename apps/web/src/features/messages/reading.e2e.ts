/** What a conversation says of days and of its length. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { startBrowser, type TestBrowser } from '../../../e2e/browser.ts';
import { createTeam, message, open, post, stored } from './team.e2e-support.ts';

let browser: TestBrowser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterEach(() => browser.forget());
afterAll(() => browser.close());

/** A day as `YYYY-MM-DD` and the time of day, where `timeZone` is. */
const localParts = (moment: Date, timeZone: string) => {
  const words = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' });
  const [date = '', time = ''] = words.format(moment).split(' ');
  return { date, time };
};

const SECOND = 1000;
const DAY = 86_400 * SECOND;

/** The last moment but ten seconds of the day that `moment` belongs to in `timeZone`. */
const beforeMidnight = (moment: Date, timeZone: string): Date => {
  const { time } = localParts(moment, timeZone);
  const [hours = 0, minutes = 0, seconds = 0] = time.split(':').map(Number);
  return new Date(moment.getTime() + DAY - 10 * SECOND - (hours * 3600 + minutes * 60 + seconds) * SECOND);
};

const listOf = (page: Page) => page.getByRole('region', { name: 'Messages in general' });
const dayOf = (page: Page) => listOf(page).locator('li time').first();

describe.each(['Pacific/Kiritimati', 'Pacific/Pago_Pago'])(
  'a page that is open over midnight in %s',
  (zone) => {
    test('calls the day by its new name without being loaded again, and marks it as the reader has it', async () => {
      const team = await createTeam();
      const { createdAt } = await post(team, 'late in the evening');
      const { page } = await browser.newPerson({ timezoneId: zone });
      await page.clock.install({ time: beforeMidnight(new Date(createdAt), zone) });
      await open(page, team.path, team.ada);
      await message(page, 'late in the evening').waitFor();
      const { date, time } = localParts(new Date(createdAt), zone);
      expect(await dayOf(page).textContent()).toBe('Today');
      expect(await dayOf(page).getAttribute('datetime')).toBe(date);
      const clock = message(page, 'late in the evening').locator('article time').first();
      expect(await clock.textContent()).toBe(time.slice(0, 5));
      // A moment, not a day: exact in whichever zone it is read.
      expect(new Date((await clock.getAttribute('datetime')) ?? '').getTime()).toBe(Date.parse(createdAt));

      await page.evaluate(() => document.documentElement.setAttribute('data-same-page', ''));
      await page.clock.fastForward(20 * SECOND);
      await page.getByText('Yesterday', { exact: true }).waitFor();
      expect(await page.getByText('Today', { exact: true }).count()).toBe(0);
      expect(await dayOf(page).getAttribute('datetime')).toBe(date);
      await page.clock.fastForward(DAY);
      await page.getByText('Yesterday', { exact: true }).waitFor({ state: 'detached' });
      expect(await page.locator('html[data-same-page]').count()).toBe(1);
    });
  },
);

/** What the rendered lines say of their place, from top to bottom. */
const places = (page: Page) =>
  listOf(page)
    .locator('li')
    .evaluateAll((lines) =>
      lines.map((line) => ({
        text: line.querySelector('.whitespace-pre-wrap')?.textContent,
        position: line.getAttribute('aria-posinset'),
        size: line.getAttribute('aria-setsize'),
      })),
    );

describe('a list that renders what is on screen', () => {
  test('says which message of how many each one is, and that the number is open while older ones follow', async () => {
    const team = await createTeam();
    for (let number = 1; number <= 60; number += 1) await post(team, `text ${number}`);
    const { page } = await browser.newPerson();
    await open(page, team.path, team.ada);
    await stored(page, 'text 60');
    const loaded = await places(page);
    // The newest 50 are loaded, the first of them is text 11.
    expect(loaded.at(-1)).toEqual({ text: 'text 60', position: '50', size: '-1' });
    expect(loaded.length).toBeLessThan(50);

    await listOf(page).evaluate((list) => {
      list.scrollTop = 0;
    });
    await page.getByRole('button', { name: /older messages/ }).waitFor({ state: 'detached' });
    await message(page, 'text 11').waitFor();
    for (const { text, position, size } of await places(page)) {
      expect([text, size]).toEqual([`text ${position}`, '60']);
    }
    await post(team, 'text 61', team.bob);
    await page.locator('li[aria-setsize="61"]').first().waitFor();
  });
});
