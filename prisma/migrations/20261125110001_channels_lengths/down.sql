ALTER TABLE "channels" DROP CONSTRAINT "channels_topic_length", DROP CONSTRAINT "channels_name_length";
