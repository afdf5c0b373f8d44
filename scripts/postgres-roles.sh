#!/bin/sh
# 最初の起動で、表を所有する役割、行の壁を越えられない役割、書庫を読むだけの運営者の役割を作る。
set -eu
psql --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres \
  --set owner_password="$OWNER_DATABASE_PASSWORD" --set app_password="$APP_DATABASE_PASSWORD" \
  --set ops_password="$OPS_DATABASE_PASSWORD" <<'SQL'
CREATE ROLE musubi_owner LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE PASSWORD :'owner_password';
CREATE ROLE musubi_app LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE PASSWORD :'app_password';
CREATE ROLE musubi_ops LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE PASSWORD :'ops_password';
CREATE DATABASE musubi OWNER musubi_owner TEMPLATE template0;
\connect musubi
CREATE EXTENSION pg_trgm;
CREATE EXTENSION btree_gin;
CREATE EXTENSION btree_gist;
SQL
