-- By hand: published events are deleted at once, so nothing is to be told apart by an index.
DELETE FROM "outbox_events" WHERE "published_at" IS NOT NULL;
DROP INDEX "outbox_events_pending_idx";
DROP INDEX "outbox_events_published_idx";

-- AlterTable
ALTER TABLE "outbox_events" DROP COLUMN "published_at";
