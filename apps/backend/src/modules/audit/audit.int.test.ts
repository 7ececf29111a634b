import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createTestApp, type TestApp } from '../../testing/create-test-app.ts';
import { addColleague, type Person, signUp } from '../../testing/factories.ts';

let app: TestApp;
let owner: Person;
let colleague: Person;

beforeAll(async () => {
  app = await createTestApp();
  owner = await signUp(app, 'Ada');
  colleague = await addColleague(app, owner);
});
afterAll(() => app.close());

const entries = (query = {}) => owner.api.audit.listAuditEntries({ params: { orgId: owner.orgId }, query });

describe('the audit trail', () => {
  test('tells owners who did what, newest first, page by page', async () => {
    for (const name of ['Uma', 'Vic']) await addColleague(app, owner, 'GUEST', name);
    const { user } = await addColleague(app, owner, 'GUEST', 'Wes');
    const first = await entries({ limit: 2 });
    expect(first.items.map(({ action, actorId }) => [action, actorId])).toEqual([
      ['member.joined', user.id],
      ['invitation.created', owner.user.id],
    ]);
    const second = await entries({ limit: 50, cursor: first.nextCursor ?? undefined });
    const all = [...first.items, ...second.items];
    expect(all.at(-1)).toMatchObject({
      action: 'organization.created',
      targetId: owner.orgId,
      actorType: 'user',
    });
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    for (const entry of all) expect(entry.requestId).toMatch(/^[\w.-]{8,64}$/);
  });

  test('is not for members', async () => {
    await expect(
      colleague.api.audit.listAuditEntries({ params: { orgId: owner.orgId } }),
    ).rejects.toMatchObject({ status: 403 });
  });

  test('has no entry for a change that was rolled back', async () => {
    const { database } = app.platform;
    const ctx = { actor: { type: 'system', name: 'test' }, requestId: 'rolled-back' } as const;
    const { auditModule } = await import('./index.ts');
    const { trail } = auditModule(app.platform);
    for (const inTransaction of [database.transaction, database.sqlTransaction]) {
      const attempt = inTransaction(async (sql) => {
        await trail.append(sql, ctx, { action: 'test.done', targetType: 'test', targetId: null });
        throw new Error('changed my mind');
      });
      await expect(attempt).rejects.toThrow('changed my mind');
    }
    expect(await database.prisma.auditEntry.count({ where: { requestId: 'rolled-back' } })).toBe(0);
  });

  test.each([
    `UPDATE audit_entries SET action = 'nothing.happened'`,
    'DELETE FROM audit_entries',
    'TRUNCATE audit_entries',
  ])('cannot be changed, not even by the application: %s', async (statement) => {
    await expect(app.platform.database.query(statement)).rejects.toThrow(/append-only/i);
  });
});
