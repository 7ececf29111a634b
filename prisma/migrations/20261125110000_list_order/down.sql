ALTER TABLE "organizations" DROP CONSTRAINT "organizations_name_length";
ALTER TABLE "users" DROP CONSTRAINT "users_email_length", DROP CONSTRAINT "users_name_length";

-- DropIndex
DROP INDEX "memberships_user_id_joined_at_org_id_idx";

-- DropIndex
DROP INDEX "memberships_org_id_joined_at_user_id_idx";

-- DropIndex
DROP INDEX "audit_entries_org_id_at_id_idx";

-- CreateIndex
CREATE INDEX "memberships_user_id_idx" ON "memberships"("user_id");

-- CreateIndex
CREATE INDEX "audit_entries_org_id_id_idx" ON "audit_entries"("org_id", "id");
