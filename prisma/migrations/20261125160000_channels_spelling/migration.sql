-- By hand: two names that a reader takes for one are one. Names are stored in lower case and normalization form KC; what
-- is left of case folding (final sigma, sharp s, old forms of Cyrillic letters) and what changes no letter (joiners,
-- variation selectors) is left out of the comparison, not of the name: some scripts are written with it.
-- Were there two such names already, the newer one gets the end of its id.
UPDATE "channels" AS "newer" SET "name" = left("name", 41) || '-' || right("id"::text, 8)
WHERE EXISTS (
  SELECT FROM "channels" AS "older"
  WHERE "older"."org_id" = "newer"."org_id"
    AND ("older"."created_at", "older"."id") < ("newer"."created_at", "newer"."id")
    AND translate(replace(regexp_replace("older"."name", '[\u200c\u200d\u180b-\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]', '', 'g'), 'ß', 'ss'), 'ςᲀᲁᲂᲃᲄᲅᲆᲇᲈ', 'σвдосттъѣꙋ')
      = translate(replace(regexp_replace("newer"."name", '[\u200c\u200d\u180b-\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]', '', 'g'), 'ß', 'ss'), 'ςᲀᲁᲂᲃᲄᲅᲆᲇᲈ', 'σвдосттъѣꙋ')
);

CREATE UNIQUE INDEX "channels_org_id_spelling_key" ON "channels"(
  "org_id",
  (translate(replace(regexp_replace("name", '[\u200c\u200d\u180b-\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]', '', 'g'), 'ß', 'ss'), 'ςᲀᲁᲂᲃᲄᲅᲆᲇᲈ', 'σвдосттъѣꙋ'))
);
