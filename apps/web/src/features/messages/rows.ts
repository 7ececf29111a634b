import type { Outgoing } from '@plinth/client/sync';
import type { Message } from '@plinth/contracts';

/** Messages of one person within this time stand under one name, in milliseconds. */
const TOGETHER_MS = 5 * 60_000;

interface Person {
  readonly id: string;
  readonly name: string;
}

/** A message as a line on the screen. */
export interface Row {
  readonly key: string;
  readonly author: Person;
  /** Whether it begins a day and names it. */
  readonly newDay: boolean;
  /** Whether it begins a group and shows its author. */
  readonly first: boolean;
  readonly at: Date;
  readonly body: string;
  readonly stored: Message | undefined;
  readonly outgoing: Outgoing | undefined;
}

export const sameDay = (a: Date, b: Date): boolean =>
  a.getFullYear() === b.getFullYear() && a.getMonth() === b.getMonth() && a.getDate() === b.getDate();

const digits = (value: number, count: number): string => String(value).padStart(count, '0');

/** A day as `YYYY-MM-DD` where the reader is, for `<time dateTime>`: the day that is meant, not the one in UTC. */
export const localDate = (date: Date): string =>
  `${digits(date.getFullYear(), 4)}-${digits(date.getMonth() + 1, 2)}-${digits(date.getDate(), 2)}`;

/** Milliseconds until the day changes where the reader is, also on days of 23 or 25 hours. */
export const untilMidnight = (now: Date): number =>
  new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1).getTime() - now.getTime();

/** A conversation as lines on the screen: each new day is named, one person's messages stand in groups. */
export const rowsOf = (
  messages: readonly Message[],
  outgoing: readonly Outgoing[],
  me: Person,
): readonly Row[] => {
  const stored = new Set(
    messages.filter(({ author }) => author.id === me.id).map(({ clientId }) => clientId),
  );
  const entries = [
    ...messages.map((stored) => ({ ...stored, stored, outgoing: undefined })),
    ...outgoing
      .filter(({ clientId }) => !stored.has(clientId))
      .map((one) => ({ ...one, author: me, stored: undefined, outgoing: one })),
  ];
  const rows: Row[] = [];
  let before: { at: Date; author: Person } | undefined;
  for (const { author, createdAt, clientId, body, stored, outgoing: unconfirmed } of entries) {
    const at = new Date(createdAt);
    const newDay = !before || !sameDay(before.at, at);
    const first =
      newDay || before?.author.id !== author.id || at.getTime() - before.at.getTime() > TOGETHER_MS;
    // The key stays the same when the server confirms the message: its row does not flicker.
    const key = `${author.id} ${clientId}`;
    rows.push({ key, author, newDay, first, at, body, stored, outgoing: unconfirmed });
    before = { at, author };
  }
  return rows;
};

const LOCALE = 'en-GB';
const weekday = new Intl.DateTimeFormat(LOCALE, { weekday: 'long', day: 'numeric', month: 'long' });
const withYear = new Intl.DateTimeFormat(LOCALE, { day: 'numeric', month: 'long', year: 'numeric' });
const clock = new Intl.DateTimeFormat(LOCALE, { hour: '2-digit', minute: '2-digit' });
const full = new Intl.DateTimeFormat(LOCALE, { dateStyle: 'full', timeStyle: 'short' });

/** A day in the words of somebody who reads it at `today`. */
export const dayInWords = (date: Date, today: Date): string => {
  if (sameDay(date, today)) return 'Today';
  const yesterday = new Date(today.getFullYear(), today.getMonth(), today.getDate() - 1);
  if (sameDay(date, yesterday)) return 'Yesterday';
  return (date.getFullYear() === today.getFullYear() ? weekday : withYear).format(date);
};

export const timeInWords = (at: Date): string => clock.format(at);
export const momentInWords = (at: Date): string => full.format(at);
