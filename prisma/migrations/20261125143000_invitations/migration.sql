-- AlterTable
ALTER TABLE "memberships" ALTER COLUMN "joined_at" SET DEFAULT statement_timestamp();

-- CreateTable
CREATE TABLE "invitations" (
    "id" UUID NOT NULL,
    "org_id" UUID NOT NULL,
    "email" TEXT NOT NULL,
    "role" "org_role" NOT NULL,
    "invited_by" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT statement_timestamp(),
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "accepted_at" TIMESTAMPTZ(3),
    "declined_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "invitations_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "invitations_org_id_created_at_id_idx" ON "invitations"("org_id", "created_at", "id");

-- CreateIndex
CREATE INDEX "invitations_email_created_at_id_idx" ON "invitations"("email", "created_at", "id");

-- CreateIndex
CREATE INDEX "invitations_invited_by_email_idx" ON "invitations"("invited_by", "email");

-- CreateIndex
CREATE INDEX "invitations_expires_at_idx" ON "invitations"("expires_at");

-- AddForeignKey
ALTER TABLE "invitations" ADD CONSTRAINT "invitations_org_id_fkey" FOREIGN KEY ("org_id") REFERENCES "organizations"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "invitations" ADD CONSTRAINT "invitations_invited_by_fkey" FOREIGN KEY ("invited_by") REFERENCES "users"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- By hand: one open invitation for each organisation and address. An expired one is closed when the next is made.
CREATE UNIQUE INDEX "invitations_open_key" ON "invitations"("org_id", "email")
WHERE "accepted_at" IS NULL AND "revoked_at" IS NULL;

-- By hand: what no code may write. The length is that of the contract.
ALTER TABLE "invitations"
  ADD CONSTRAINT "invitations_email_length" CHECK (char_length("email") <= 254),
  ADD CONSTRAINT "invitations_role_below_owner" CHECK ("role" <> 'OWNER'),
  ADD CONSTRAINT "invitations_one_end" CHECK (num_nonnulls("accepted_at", "declined_at") <= 1 AND num_nonnulls("accepted_at", "revoked_at") <= 1);
