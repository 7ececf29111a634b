-- DropIndex
DROP INDEX "audit_entries_org_id_id_idx";

-- DropIndex
DROP INDEX "memberships_user_id_idx";

-- CreateIndex
CREATE INDEX "audit_entries_org_id_at_id_idx" ON "audit_entries"("org_id", "at", "id");

-- CreateIndex
CREATE INDEX "memberships_org_id_joined_at_user_id_idx" ON "memberships"("org_id", "joined_at", "user_id");

-- CreateIndex
CREATE INDEX "memberships_user_id_joined_at_org_id_idx" ON "memberships"("user_id", "joined_at", "org_id");

-- By hand: the lengths of the contracts, in code points as there.
ALTER TABLE "users"
  ADD CONSTRAINT "users_name_length" CHECK (char_length("name") <= 80),
  ADD CONSTRAINT "users_email_length" CHECK (char_length("email") <= 254);
ALTER TABLE "organizations" ADD CONSTRAINT "organizations_name_length" CHECK (char_length("name") <= 80);
