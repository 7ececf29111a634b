-- AlterTable
ALTER TABLE "channels" DROP COLUMN "last_seq";
