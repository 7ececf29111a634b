#!/bin/bash
# Runs once, when the data folder is empty. Two roles, so that the application cannot change the schema (ASVS 13.2.2):
#   plinth_owner  owns database and tables; migrations use it, directly
#   plinth_app    reads and writes rows; API and worker use it, through PgBouncer
set -euo pipefail

: "${OWNER_PASSWORD:?Set OWNER_PASSWORD}" "${APP_PASSWORD:?Set APP_PASSWORD}"

psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username postgres --dbname postgres <<'SQL'
\getenv owner_password OWNER_PASSWORD
\getenv app_password APP_PASSWORD
CREATE ROLE plinth_owner LOGIN PASSWORD :'owner_password' CONNECTION LIMIT 5;
CREATE ROLE plinth_app LOGIN PASSWORD :'app_password';

-- PgBouncer refuses such settings in the startup packet, so they belong to the role.
ALTER ROLE plinth_app SET statement_timeout = '30s';
ALTER ROLE plinth_app SET lock_timeout = '5s';
ALTER ROLE plinth_app SET idle_in_transaction_session_timeout = '10s';

CREATE DATABASE plinth OWNER plinth_owner;
REVOKE ALL ON DATABASE plinth, postgres, template1 FROM PUBLIC;
GRANT CONNECT ON DATABASE plinth TO plinth_app;

\connect plinth
ALTER SCHEMA public OWNER TO plinth_owner;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO plinth_app;
-- For what migrations will create.
ALTER DEFAULT PRIVILEGES FOR ROLE plinth_owner IN SCHEMA public
  GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO plinth_app;
ALTER DEFAULT PRIVILEGES FOR ROLE plinth_owner IN SCHEMA public
  GRANT USAGE, SELECT ON SEQUENCES TO plinth_app;

-- But for the history of migrations: the application may read it and not rewrite it. Prisma makes that table itself, so
-- the right is taken back at that moment, by its owner.
CREATE SCHEMA guards;
CREATE FUNCTION guards.protect_migrations() RETURNS event_trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  IF EXISTS (SELECT FROM pg_event_trigger_ddl_commands() WHERE object_identity = 'public._prisma_migrations') THEN
    REVOKE INSERT, UPDATE, DELETE ON public._prisma_migrations FROM plinth_app;
  END IF;
END
$$;
CREATE EVENT TRIGGER protect_migrations ON ddl_command_end
  WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION guards.protect_migrations();
SQL
