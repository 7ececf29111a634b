import { describe, expect, test } from '@jest/globals';
import type { Message } from '@plinth/contracts';
import {
  type ConversationState,
  caughtUp,
  created,
  deleted,
  edited,
  emptyConversation,
  loaded,
  olderLoaded,
  sendFailed,
  sending,
} from './conversation-state.ts';

/** A message whose place in time is its number. */
const message = (number: number, over: Partial<Message> = {}): Message => ({
  id: `id-${number}`,
  channelId: 'channel',
  seq: number,
  author: { id: 'ada', name: 'Ada' },
  body: `message ${number}`,
  clientId: `client-${number}`,
  createdAt: new Date(1_800_000_000_000 + number * 1000).toISOString(),
  editedAt: null,
  ...over,
});

/** Newest first, as the API gives them. */
const page = (numbers: readonly number[], nextCursor: string | null = null) => ({
  items: numbers.map((number) => message(number)),
  nextCursor,
});

const bodies = ({ messages }: ConversationState) => messages.map(({ body }) => body);
const ids = (state: ConversationState) => new Set(state.messages.map(({ id }) => id));
const shown = (...numbers: number[]) => numbers.map((number) => `message ${number}`);

describe('a conversation', () => {
  test('shows the newest message last and loads older pages in front', () => {
    const state = loaded(emptyConversation, page([5, 4], 'older'));
    expect(bodies(state)).toEqual(shown(4, 5));
    expect(bodies(olderLoaded(state, page([3, 2])))).toEqual(shown(2, 3, 4, 5));
  });

  test('shows a message once although the reply, the socket and the list all bring it', () => {
    let state = created(emptyConversation, message(5));
    state = loaded(state, page([5, 4]));
    state = created(state, message(5));
    expect(bodies(state)).toEqual(shown(4, 5));
  });

  test('keeps a message that arrives late in its place', () => {
    const state = created(loaded(emptyConversation, page([5, 3])), message(4));
    expect(bodies(state)).toEqual(shown(3, 4, 5));
  });

  test('orders messages of the same moment the same way for everybody', () => {
    const { createdAt } = message(1);
    const one = created(created(emptyConversation, message(1)), message(2, { createdAt }));
    const other = created(created(emptyConversation, message(2, { createdAt })), message(1));
    expect(bodies(one)).toEqual(bodies(other));
  });
});

describe('a message of our own', () => {
  const outgoing = { clientId: 'client-7', body: 'message 7', createdAt: message(7).createdAt };

  test('is no longer pending as soon as the socket brings it, before the reply does', () => {
    const state = created(sending(emptyConversation, outgoing), message(7));
    expect(state.outgoing).toEqual([]);
    expect(bodies(state)).toEqual(shown(7));
    expect(bodies(created(state, message(7)))).toEqual(shown(7));
  });

  test('that failed stays where it is until it is sent again', () => {
    const failed = sendFailed(sending(emptyConversation, outgoing), 'client-7', new Error('offline'));
    expect(failed.outgoing).toMatchObject([{ clientId: 'client-7', error: new Error('offline') }]);
    expect(sending(failed, outgoing).outgoing).toEqual([outgoing]);
  });
});

describe('an edited message', () => {
  const later = message(4, { body: 'better', editedAt: '2027-02-01T00:00:00.000Z' });

  test('replaces the old text, and an older copy does not bring it back', () => {
    const state = edited(loaded(emptyConversation, page([4])), later);
    expect(bodies(state)).toEqual(['better']);
    expect(bodies(created(state, message(4)))).toEqual(['better']);
  });

  test('that is not loaded is not put beside newer ones', () => {
    const state = loaded(emptyConversation, page([9, 8], 'older'));
    expect(edited(state, later)).toBe(state);
  });
});

describe('a deleted message', () => {
  test('is gone, also when a page that was on its way still has it', () => {
    const state = deleted(loaded(emptyConversation, page([5, 4])), 'id-4');
    expect(bodies(state)).toEqual(shown(5));
    expect(bodies(olderLoaded(state, page([4, 3])))).toEqual(shown(3, 5));
  });
});

describe('after a disconnection', () => {
  const before = loaded(emptyConversation, page([5, 4, 3, 2], 'older'));

  test('what was missed appears, and older messages and their cursor stay', () => {
    const state = caughtUp(before, page([7, 6, 5, 4], 'cursor-4'), ids(before));
    expect(bodies(state)).toEqual(shown(2, 3, 4, 5, 6, 7));
    expect(state.olderCursor).toBe('older');
  });

  test('what was deleted meanwhile disappears', () => {
    const state = caughtUp(before, page([6, 4, 3], 'cursor-3'), ids(before));
    expect(bodies(state)).toEqual(shown(2, 3, 4, 6));
  });

  test('all disappear when all were deleted', () => {
    const state = caughtUp(before, page([]), ids(before));
    expect(bodies(state)).toEqual([]);
    expect(state.olderCursor).toBeNull();
  });

  test('a message that arrives while the list is on its way is not taken for a deleted one', () => {
    const known = ids(before);
    const state = caughtUp(created(before, message(8)), page([7, 6, 5], 'cursor-5'), known);
    expect(bodies(state)).toEqual(shown(2, 3, 4, 5, 6, 7, 8));
  });

  test('a gap too long to close leaves no hole: older messages are loaded again on demand', () => {
    const state = caughtUp(before, page([99, 98], 'cursor-98'), ids(before));
    expect(bodies(state)).toEqual(shown(98, 99));
    expect(state.olderCursor).toBe('cursor-98');
  });
});
