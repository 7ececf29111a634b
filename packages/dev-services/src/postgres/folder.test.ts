import { describe, expect, test } from '@jest/globals';
import { type FolderFacts, judgeFolder, POSTGRES_MAJOR } from './folder.ts';

const INITIALISED = ['PG_VERSION', 'base', 'global', 'pg_wal', 'postgresql.conf'];

const used: FolderFacts = {
  entries: [...INITIALISED, 'postmaster.opts'],
  version: String(POSTGRES_MAJOR),
  hasControlFile: true,
  hasUserDatabase: true,
};

const judge = (facts: Partial<FolderFacts>) => judgeFolder('/data', { ...used, ...facts });

describe('a data folder', () => {
  test('that is empty or not there is made', () => {
    expect(judge({ entries: [] })).toEqual({ kind: 'absent' });
  });

  test('in which a server has run is used', () => {
    expect(judge({})).toEqual({ kind: 'ready' });
  });

  test('that initdb left unfinished is made anew, because nothing of value can be in it', () => {
    const interrupted = { entries: ['PG_VERSION', 'base'], hasControlFile: false, hasUserDatabase: false };
    expect(judge(interrupted)).toEqual({ kind: 'half-initialised' });
  });

  test('restored from a base backup is never thrown away, although no server has run in it', () => {
    const restored = { entries: [...INITIALISED, 'backup_label'], hasUserDatabase: false };
    expect(judge(restored)).toEqual({ kind: 'ready' });
    expect(judge({ entries: INITIALISED, hasUserDatabase: true })).toEqual({ kind: 'ready' });
  });

  test('that has lost a part is refused with a remedy', () => {
    expect(judge({ hasControlFile: false })).toEqual({
      kind: 'refused',
      reason:
        'The data folder /data is damaged (global/pg_control is missing): put it back from a backup, or remove the ' +
        'folder to begin with an empty database.',
    });
  });

  test('of another major version is refused with both versions named', () => {
    expect(judge({ version: '15' })).toEqual({
      kind: 'refused',
      reason: expect.stringContaining(
        `was written by PostgreSQL 15, this project brings PostgreSQL ${POSTGRES_MAJOR}`,
      ),
    });
  });

  test('with something else in it is left alone', () => {
    expect(judge({ entries: ['holiday.jpg'] })).toEqual({
      kind: 'refused',
      reason: 'The folder /data is not empty and holds no PostgreSQL data: empty it, or choose another one.',
    });
  });
});
