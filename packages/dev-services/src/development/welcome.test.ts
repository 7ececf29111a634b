import { describe, expect, test } from '@jest/globals';
import { renderWelcome, type Welcome, withoutPassword } from './welcome.ts';

const welcome: Welcome = {
  web: 'http://localhost:3000',
  api: 'http://localhost:4000',
  reference: 'http://localhost:4000/docs',
  database: '127.0.0.1:5432/plinth',
  dataFolder: '.dev/postgres',
  redis: '127.0.0.1:6379',
  accounts: [
    { email: 'owner@acme.example', password: 'demo', role: 'owner of Acme' },
    { email: 'guest@acme.example', password: 'demo', role: 'guest of Acme' },
  ],
};

describe('the screen after the start', () => {
  test('says what runs where, who can sign in, where the data is and how to stop', () => {
    const screen = renderWelcome(welcome);
    for (const text of [
      'http://localhost:3000',
      'http://localhost:4000\n',
      'http://localhost:4000/docs',
      '.dev/postgres',
      'Ctrl-C',
    ]) {
      expect(screen).toContain(text);
    }
    expect(screen).toContain('Sign in with the password demo as');
    expect(screen).toMatch(/owner@acme\.example +owner of Acme\n.*guest@acme\.example +guest of Acme/);
  });

  test('without Redis says what is then bound to a single process', () => {
    const { redis: _, ...without } = welcome;
    expect(renderWelcome(without)).toMatch(/Redis +none: rate limits, live messages .* run one API only/);
  });

  test('names the command that empties this database, and none where it would empty another one', () => {
    expect(renderWelcome({ ...welcome, reset: 'npm run db:reset' })).toContain(
      '"npm run db:reset" starts over',
    );
    expect(renderWelcome(welcome)).not.toContain('db:reset');
  });

  test('a database of the user is named as such, and has no data folder here', () => {
    const { dataFolder: _, ...without } = welcome;
    expect(renderWelcome(without)).toContain('127.0.0.1:5432/plinth (DATABASE_URL)');
  });
});

test('addresses are shown without user and password', () => {
  expect(withoutPassword('postgresql://user:secret@db.example:5433/chat?a=b')).toBe('db.example:5433/chat');
  expect(withoutPassword('redis://:secret@127.0.0.1:6379')).toBe('127.0.0.1:6379');
});
