-- By hand: the lengths of the contracts, in code points as there.
ALTER TABLE "channels"
  ADD CONSTRAINT "channels_name_length" CHECK (char_length("name") <= 50),
  ADD CONSTRAINT "channels_topic_length" CHECK (char_length("topic") <= 200);
