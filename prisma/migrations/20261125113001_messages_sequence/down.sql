-- By hand: a deleted message has no row in the schema before.
DELETE FROM "messages" WHERE "deleted_at" IS NOT NULL;

-- DropIndex
DROP INDEX "messages_org_id_channel_id_seq_key";

-- DropIndex
DROP INDEX "messages_channel_id_changed_seq_key";

-- AlterTable
ALTER TABLE "messages" DROP COLUMN "changed_seq",
DROP COLUMN "deleted_at",
DROP COLUMN "seq";

-- CreateIndex
CREATE INDEX "messages_org_id_channel_id_id_idx" ON "messages"("org_id", "channel_id", "id");
