-- DropTable
DROP TABLE "invitations";

-- AlterTable
ALTER TABLE "memberships" ALTER COLUMN "joined_at" SET DEFAULT CURRENT_TIMESTAMP;
