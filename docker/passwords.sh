#!/bin/sh
# Runs after roles.sql at the database's first start; gives the two roles the passwords of `.env`.
set -eu
psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --set owner="$OWNER_PASSWORD" --set app="$APP_PASSWORD" <<'SQL'
ALTER ROLE infusion_owner PASSWORD :'owner';
ALTER ROLE infusion_app PASSWORD :'app';
SQL
