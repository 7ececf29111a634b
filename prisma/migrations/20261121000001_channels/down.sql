-- DropForeignKey
ALTER TABLE "channels" DROP CONSTRAINT "channels_org_id_fkey";

-- DropTable
DROP TABLE "channels";
