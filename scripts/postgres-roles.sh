#!/bin/sh
# 最初の起動で、表を所有する役割、行の壁を越えられない役割、書庫を読むだけの運営者の役割、すべてを読むだけの写しの役割を作る。
set -eu
psql --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres \
  --set owner_password="$OWNER_DATABASE_PASSWORD" --set app_password="$APP_DATABASE_PASSWORD" \
  --set ops_password="$OPS_DATABASE_PASSWORD" --set backup_password="$BACKUP_DATABASE_PASSWORD" <<'SQL'
CREATE ROLE musubi_owner LOGIN NOSUPERUSER NOBYPASSRLS CREATEDB NOCREATEROLE PASSWORD :'owner_password';
CREATE ROLE musubi_app LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE PASSWORD :'app_password';
CREATE ROLE musubi_ops LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE PASSWORD :'ops_password';
CREATE ROLE musubi_backup LOGIN NOSUPERUSER BYPASSRLS NOCREATEDB NOCREATEROLE PASSWORD :'backup_password';
GRANT pg_read_all_data TO musubi_backup;
ALTER ROLE musubi_backup SET default_transaction_read_only = on;
CREATE DATABASE musubi OWNER musubi_owner TEMPLATE template0;
\connect musubi
CREATE EXTENSION pg_trgm;
CREATE EXTENSION btree_gin;
CREATE EXTENSION btree_gist;
SQL
