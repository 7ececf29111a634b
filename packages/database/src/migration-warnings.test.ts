import { expect, test } from '@jest/globals';
import { migrationWarnings } from './migration-warnings.ts';

test('a migration that only adds has no warnings', () => {
  const sql = `CREATE TABLE "a" ("id" UUID NOT NULL);
ALTER TABLE "b" ADD COLUMN     "c" TEXT,
ADD COLUMN     "d" TEXT NOT NULL DEFAULT 'x';
CREATE INDEX "b_c_idx" ON "b"("c");`;
  expect(migrationWarnings(sql)).toEqual([]);
});

test.each([
  ['DROP TABLE "notes";', 'Drops table "notes" with all its rows.'],
  ['ALTER TABLE "b" DROP COLUMN "c";', 'Drops column "c" with its values.'],
  ['ALTER TABLE "b" ADD COLUMN     "c" TEXT NOT NULL;', 'Adds "c" as NOT NULL without a default'],
  ['ALTER TABLE "b" ALTER COLUMN "c" SET NOT NULL;', 'Makes "c" NOT NULL'],
  ['ALTER TABLE "b" ALTER COLUMN "c" SET DATA TYPE INTEGER;', 'Changes the type of "c"'],
  ['DROP TYPE "mood";', 'Drops type "mood".'],
])('%s is pointed out', (sql, warning) => {
  expect(migrationWarnings(sql)).toEqual([expect.stringContaining(warning)]);
});

test('each of several columns gets its own warning', () => {
  const sql = `ALTER TABLE "users" DROP COLUMN "gone",
ADD COLUMN     "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
ADD COLUMN     "disabled_at" TIMESTAMPTZ(3),
ADD COLUMN     "email" TEXT NOT NULL,
ADD COLUMN     "name" TEXT NOT NULL;`;
  expect(migrationWarnings(sql)).toEqual([
    'Drops column "gone" with its values.',
    expect.stringContaining('"email"'),
    expect.stringContaining('"name"'),
  ]);
});
