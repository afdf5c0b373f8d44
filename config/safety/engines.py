"""What the running database, Redis and key management service must not allow."""

from collections.abc import Iterator, Mapping

import redis
import tink
from django.conf import settings
from django.db import DatabaseError, connections

from config.safety.faults import Fault
from vault import kms

PROBE = b"probe"
# 確定したと告げた契約が、停電で消えないための三つ（PostgreSQL の文書 WAL の章）
DURABLE = {
    "fsync": ({"on"}, "fsync = on"),
    "synchronous_commit": ({"on", "remote_apply", "remote_write", "local"}, "synchronous_commit = on"),
    "full_page_writes": ({"on"}, "full_page_writes = on"),
}
ROLES = """
    select rolsuper, rolbypassrls, rolcreaterole or rolcreatedb,
        exists(select from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where pg_has_role(r.oid, c.relowner, 'member') and n.nspname = 'public' and c.relkind in ('r', 'p'))
    from pg_roles r where rolname = current_user
"""
POWERS = (
    "行の壁を越えられる SUPERUSER です。",
    "行の壁を越えられる BYPASSRLS を持っています。",
    "役割やデータベースを作れます。",
    "表を所有しているので、行の壁を外せます。",
)


def faults() -> list[Fault]:
    """List what is unsafe about the database, its roles, Redis and the KMS; what does not answer is unsafe too."""
    return [*_database(), *_redis(), *_kms()]


def _database() -> Iterator[Fault]:
    for alias, variable in (("default", "DATABASE_URL"), ("ops", "DATABASE_OPS_URL")):
        try:
            with connections[alias].cursor() as cursor:
                cursor.execute(ROLES)
                yield from powers(variable, cursor.fetchone())
                if alias == "default":
                    cursor.execute("select name, setting from pg_settings where name = any(%s)", [list(DURABLE)])
                    yield from lasting(dict(cursor.fetchall()))
        except DatabaseError as error:
            why = f"つながりません（{str(error).splitlines()[0]}）。"
            yield Fault(variable, why, "PostgreSQL が動いていることと、住所を確かめてください。")
        finally:
            # gunicorn はこのあとで分かれる。親のつなぎを子に分けない
            connections[alias].close()


def powers(variable: str, held: tuple[bool, ...]) -> Iterator[Fault]:
    """Name the powers that a role of the application must not have."""
    for power, is_held in zip(POWERS, held, strict=True):
        if is_held:
            remedy = "scripts/postgres-roles.sh のとおりに役割を作り、所有者とは別にしてください。"
            yield Fault(variable, power, remedy)


def lasting(values: Mapping[str, str]) -> Iterator[Fault]:
    """Name the settings of PostgreSQL under which a commit that was answered may be lost."""
    for name, (safe, wanted) in DURABLE.items():
        if values[name] not in safe:
            why = f"{values[name]} なので、確定したと告げた契約が停電で消え得ます。"
            yield Fault(f"PostgreSQL の {name}", why, f"postgresql.conf を {wanted} にしてください。")


def _redis() -> Iterator[Fault]:
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=5, socket_connect_timeout=5) as client:
            client.ping()
    except redis.AuthenticationError:
        yield Fault("REDIS_URL", "パスワードが違います。", "Redis と同じ値にしてください。")
    except redis.RedisError:
        yield Fault("REDIS_URL", "つながりません。", "Redis が動いていることと、住所を確かめてください。")


def _kms() -> Iterator[Fault]:
    """Have the service wrap and open something, as it will for a city."""
    service = kms.kms()
    if service is None:
        return
    try:
        service.open(service.wrap(PROBE, PROBE), PROBE)
    except (kms.Unavailable, tink.TinkError) as error:
        remedy = "鍵の番号と地域、kms:Encrypt と kms:Decrypt の許し、KMS への道を確かめてください。"
        yield Fault("VAULT_KMS_KEY", f"包んで開けません（{error}）。", remedy)
