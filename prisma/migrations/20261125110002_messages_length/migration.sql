-- By hand: the length of the contracts, in code points as there.
ALTER TABLE "messages" ADD CONSTRAINT "messages_body_length" CHECK (char_length("body") <= 4000);
