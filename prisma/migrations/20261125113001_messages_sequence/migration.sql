-- DropIndex
DROP INDEX "messages_org_id_channel_id_id_idx";

-- AlterTable
ALTER TABLE "messages" ADD COLUMN     "changed_seq" BIGINT,
ADD COLUMN     "deleted_at" TIMESTAMPTZ(3),
ADD COLUMN     "seq" BIGINT;

-- By hand: messages so far were in the order of their ids.
UPDATE "messages" m SET "seq" = n."seq", "changed_seq" = n."seq"
FROM (SELECT "id", row_number() OVER (PARTITION BY "channel_id" ORDER BY "id") AS "seq" FROM "messages") n
WHERE n."id" = m."id";
UPDATE "channels" c SET "last_seq" = n."seq"
FROM (SELECT "channel_id", max("seq") AS "seq" FROM "messages" GROUP BY "channel_id") n
WHERE n."channel_id" = c."id";
ALTER TABLE "messages" ALTER COLUMN "seq" SET NOT NULL,
ALTER COLUMN "changed_seq" SET NOT NULL;

-- CreateIndex
CREATE UNIQUE INDEX "messages_org_id_channel_id_seq_key" ON "messages"("org_id", "channel_id", "seq");

-- CreateIndex
CREATE UNIQUE INDEX "messages_channel_id_changed_seq_key" ON "messages"("channel_id", "changed_seq");
