import { expect, test } from '@jest/globals';
import { createStopRequest, SAME_REQUEST_MS } from './stop-requests.ts';

function recorder() {
  const calls: string[] = [];
  let now = 1_000;
  const request = createStopRequest(
    { stop: (reason) => calls.push(`stop ${reason}`), insist: () => calls.push('insist') },
    () => now,
  );
  return {
    calls,
    request,
    wait: (ms: number) => {
      now += ms;
    },
  };
}

test('one Ctrl-C that arrives twice, from the terminal and from npm, stops once and kindly', () => {
  const { calls, request, wait } = recorder();
  request('SIGINT');
  wait(SAME_REQUEST_MS / 2);
  request('SIGINT');
  expect(calls).toEqual(['stop SIGINT']);
});

test('a person who presses Ctrl-C again later means it', () => {
  const { calls, request, wait } = recorder();
  request('SIGINT');
  wait(SAME_REQUEST_MS + 1);
  request('SIGINT');
  expect(calls).toEqual(['stop SIGINT', 'insist']);
});

test('a stop that was asked for is not asked for again when the parent ends, too', () => {
  const { calls, request } = recorder();
  request('SIGTERM');
  request('parent ended');
  expect(calls).toEqual(['stop SIGTERM']);
});
