-- DropIndex
DROP INDEX "invitations_email_created_at_id_idx";

-- AlterTable
ALTER TABLE "invitations" ADD COLUMN     "priority" SMALLINT NOT NULL DEFAULT 3;

-- CreateIndex
CREATE INDEX "invitations_email_priority_created_at_id_idx" ON "invitations"("email", "priority", "created_at", "id");
