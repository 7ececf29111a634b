/**
 * `npm run bench:logins`: what a flood of sign-ins costs everybody else. The built API answers an ordinary route at a
 * steady pace, in turns without and with sign-ins under way; the p95 of both and their ratio are printed. The goal is
 * at most 2.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { authContract, routePath, usersContract } from '@plinth/contracts';
import { startPlinth } from './processes.ts';
import { type Closer, startServices } from './services.ts';
import { median } from './statistics.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '4' },
    /** Sign-ins under way at the same time. */
    logins: { type: 'string', default: '40' },
  },
});
const PAUSE_MS = 10;
const SETTLE_MS = 500;
const GOAL = 2;
const PASSWORD = 'correct horse battery staple';

const post = (url: string, body: object) =>
  fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

/** p95 in milliseconds of requests sent at a steady pace, whether the ones before are answered or not. */
async function p95Of(ask: () => Promise<void>, durationMs: number): Promise<number> {
  const times: number[] = [];
  const sent: Promise<void>[] = [];
  const until = performance.now() + durationMs;
  while (performance.now() < until) {
    const begun = performance.now();
    sent.push(ask().then(() => void times.push(performance.now() - begun)));
    await wait(PAUSE_MS);
  }
  await Promise.all(sent);
  times.sort((a, b) => a - b);
  return times[Math.floor(times.length * 0.95)] ?? Number.NaN;
}

/** Keeps so many sign-ins under way until it is stopped; every one is refused or answered, none may break. */
function flood(url: string, atOnce: number) {
  let going = true;
  const statuses = new Map<number, number>();
  const one = async (n: number) => {
    while (going) {
      const reply = await post(url, { email: `nobody-${n}@example.com`, password: 'wrong' });
      await reply.arrayBuffer();
      statuses.set(reply.status, (statuses.get(reply.status) ?? 0) + 1);
    }
  };
  const all = Promise.all(Array.from({ length: atOnce }, (_, n) => one(n)));
  return async () => {
    going = false;
    await all;
    return Object.fromEntries(statuses);
  };
}

const closers: Closer[] = [];
try {
  const { setup } = await startServices(closers);
  const api = await startPlinth({ ...setup, env: { RATE_LIMIT_ACCOUNT: '100000000/hour' } });
  closers.push(() => api.close());
  const origin = `http://127.0.0.1:${api.port}`;
  const signedUp = await post(`${origin}${routePath(authContract.signUp)}`, {
    email: 'ada@example.com',
    password: PASSWORD,
    name: 'Ada',
    organizationName: 'Engines',
  });
  const { accessToken } = (await signedUp.json()) as { accessToken: string };
  const headers = { authorization: `Bearer ${accessToken}` };
  const me = async () => {
    const reply = await fetch(`${origin}${routePath(usersContract.getMe)}`, { headers });
    await reply.arrayBuffer();
    if (reply.status !== 200) throw new Error(`The measured route answered ${reply.status}.`);
  };
  const durationMs = Number(values.seconds) * 1000;
  const login = `${origin}${routePath(authContract.login)}`;
  await p95Of(me, durationMs);
  const quiet: number[] = [];
  const flooded: number[] = [];
  for (let round = 0; round < Number(values.rounds); round += 1) {
    quiet.push(await p95Of(me, durationMs));
    const stop = flood(login, Number(values.logins));
    await wait(SETTLE_MS);
    flooded.push(await p95Of(me, durationMs));
    const statuses = await stop();
    const [before = 0, during = 0] = [quiet.at(-1), flooded.at(-1)];
    console.log(
      `round ${round + 1}: p95 ${before.toFixed(1)} ms quiet, ${during.toFixed(1)} ms with sign-ins ${JSON.stringify(statuses)}`,
    );
  }
  const ratio = median(flooded.map((during, round) => during / (quiet[round] ?? during)));
  console.log(
    `median p95: ${median(quiet).toFixed(1)} ms quiet, ${median(flooded).toFixed(1)} ms with ${values.logins} sign-ins at once; median ratio ${ratio.toFixed(2)} (goal: at most ${GOAL})`,
  );
} finally {
  for (const close of closers.toReversed()) await close();
}
