-- DropForeignKey
ALTER TABLE "messages" DROP CONSTRAINT "messages_org_id_fkey";

-- DropForeignKey
ALTER TABLE "messages" DROP CONSTRAINT "messages_org_id_channel_id_fkey";

-- DropForeignKey
ALTER TABLE "messages" DROP CONSTRAINT "messages_author_id_fkey";

-- DropTable
DROP TABLE "messages";
