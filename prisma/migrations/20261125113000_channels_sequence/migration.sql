-- AlterTable
ALTER TABLE "channels" ADD COLUMN     "last_seq" BIGINT NOT NULL DEFAULT 0;
