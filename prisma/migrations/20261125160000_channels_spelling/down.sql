-- Names that were changed because they looked like others keep the end of their id.
DROP INDEX "channels_org_id_spelling_key";
