-- AlterTable
ALTER TABLE "outbox_events" ADD COLUMN     "published_at" TIMESTAMPTZ(3);

-- By hand: as in the first migration.
CREATE INDEX "outbox_events_pending_idx" ON "outbox_events"("id") WHERE "published_at" IS NULL;
CREATE INDEX "outbox_events_published_idx" ON "outbox_events"("published_at") WHERE "published_at" IS NOT NULL;
