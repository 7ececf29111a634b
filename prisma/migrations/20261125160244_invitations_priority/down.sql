-- DropIndex
DROP INDEX "invitations_email_priority_created_at_id_idx";

-- AlterTable
ALTER TABLE "invitations" DROP COLUMN "priority";

-- CreateIndex
CREATE INDEX "invitations_email_created_at_id_idx" ON "invitations"("email" ASC, "created_at" ASC, "id" ASC);
