import os
import psycopg


def test_the_application_role_owns_nothing_and_cannot_bypass_row_security():
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        row = connection.execute(
            "SELECT rolname, rolsuper, rolbypassrls, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = current_user"
        ).fetchone()

    assert row == ("musubi_app", False, False, False, False)
