"""What nobody asked for in a form is not heard: a POST with more fields does just what it does without them."""

from collections import Counter
from functools import cache
from html.parser import HTMLParser
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models, transaction
from django.test import Client

from accounts.models import Role, User
from tests.architecture.routes import DESKS, LINKS, POST
from tests.architecture.scene import Scene
from tests.architecture.test_isolation import OURS
from tests.architecture.test_routes import link_address, opened, route_of

pytestmark = pytest.mark.xdist_group("routes")
# 案件を選ぶ欄。場面の頁には、選べる案件がないので出ていない
OWN = {"outage_kits": ["case"], "guarantee_receive": ["case"]}


class Forms(HTMLParser):
    """Read the forms of a page: to which route each posts, and what its fields hold."""

    def __init__(self, page: str, *, at: str) -> None:
        super().__init__()
        self.at, self.found = at, []  # type: ignore[var-annotated]
        self._fields: dict[str, list[str]] | None = None
        self._choice = self._text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form" and given.get("method") == "post":
            self._fields = {}
            self.found.append((route_of(given.get("action") or self.at), self._fields))
        if self._fields is None:
            return
        name = given.get("name", "")
        if tag == "input" and name:
            held = given.get("type") not in {"checkbox", "radio"} or "checked" in given
            self._fields.setdefault(name, []).extend([given.get("value", "on")] if held else [])
        elif tag == "select":
            self._choice = name
            self._fields.setdefault(name, [])
        elif tag == "option" and self._choice and "selected" in given:
            self._fields[self._choice].append(given.get("value", ""))
        elif tag == "textarea":
            self._text = name
            self._fields[name] = [""]

    def handle_data(self, data: str) -> None:
        if self._fields is not None and self._text:
            self._fields[self._text][0] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._fields = None
        elif tag == "select":
            self._choice = ""
        elif tag == "textarea":
            self._text = ""


def fields_of(client: Client, address: str, name: str) -> dict[str, list[str]]:
    """Fill in the form of a page as a browser shows it."""
    return next((dict(fields) for route, fields in forms_of(client, address) if route == name), {})


@cache
def forms_of(client: Client, address: str) -> list[tuple[str, dict[str, list[str]]]]:
    """Read the forms of a page once."""
    with transaction.atomic():
        page = client.get(address, follow=True)
        transaction.set_rollback(True)
    return Forms(page.content.decode(), at=address).found if page["Content-Type"].startswith("text/html") else []


def surplus(scene: Scene) -> dict[str, Any]:
    """List fields that no form of ours has asked for, with values that would be seen."""
    day, person = "1999-09-09", User.objects.create_user(email="guest@usuki.example.jp", name="客", password="x")
    return {
        **dict.fromkeys(("tenant", "tenant_id", "organization", "organization_id"), scene.usuki.pk),
        **dict.fromkeys(("role", "roles"), Role.ADMINISTRATOR),
        **dict.fromkeys(("status", "state"), "concluded"),
        **dict.fromkeys(("signed_at", "concluded_at", "decided_at", "approved_at", "revoked_at"), f"{day}T09:09"),
        **dict.fromkeys(("contract_date", "concluded_date", "award_date", "starts_date", "ends_date"), day),
        **dict.fromkeys(("is_staff", "is_superuser", "is_active", "is_shared"), "on"),
        **dict.fromkeys(("user", "user_id", "made_by", "approved_by", "owner", "registered_by"), person.pk),
        **dict.fromkeys(("id", "pk", "case", "case_id", "edit"), scene.registered.case.pk),
        **dict.fromkeys(("rule_set", "econtract_verdict", "hash", "sha256", "thread"), "7"),
    }


TELLING = ("tenant_id", "role", "state", "kind", "email", "name", "title", "amount", "user_id")


def standing() -> dict[str, Counter[tuple[Any, ...]]]:
    """Read what says how things stand, of every row of ours; of instants, only whether they have come."""
    found = {}
    with connection.cursor() as cursor:
        for model in apps.get_models():
            columns = [_read(field) for field in model._meta.local_fields if _tells(field)]
            cursor.execute("select has_table_privilege(%s, 'select')", [model._meta.db_table])
            (is_ours_to_read,) = cursor.fetchone()
            if model._meta.app_label in OURS and columns and is_ours_to_read:
                cursor.execute(f'select {", ".join(columns)} from "{model._meta.db_table}"')
                found[model._meta.db_table] = Counter(cursor.fetchall())
    return found


def _tells(field: Any) -> bool:
    return isinstance(field, models.BooleanField | models.DateField) or field.column in TELLING


def _read(field: Any) -> str:
    return f'"{field.column}" is null' if isinstance(field, models.DateTimeField) else f'"{field.column}"'


def differing(client: Client, address: str, given: dict[str, Any], extra: dict[str, Any]) -> list[str]:
    """Name the tables that a form leaves otherwise when it is sent with more than it has."""
    left, given = [], given | {"csrfmiddlewaretoken": "x"}
    for sent in (given, given | {name: value for name, value in extra.items() if name not in given}):
        with transaction.atomic():
            status = client.post(address, sent).status_code
            left.append({"status": status} | standing())
            transaction.set_rollback(True)
    return [name for name in left[0] if left[0][name] != left[1][name]]


@pytest.mark.parametrize("name", [name for name, row in DESKS.items() if row.methods & POST])
def test_a_form_for_staff_hears_only_its_own_fields(name, scene):
    row = DESKS[name]
    client, address = scene.desks[next(role for role in Role if role in row.roles)], scene.address(name, row)
    given = fields_of(client, address if "get" in row.methods else scene.address("case", DESKS["case"]), name)
    given |= dict.fromkeys(OWN.get(name, ()), "")

    assert differing(client, address, given, surplus(scene)) == []


@pytest.mark.parametrize("name", [name for name, row in LINKS.items() if row.methods & POST])
def test_a_form_behind_a_link_hears_only_its_own_fields(name, scene):
    row = LINKS[name]
    client, address = opened(scene, row.purpose), link_address(scene, name, scene.tosu.slug)
    given = fields_of(client, address, name) if "get" in row.methods else {}

    assert differing(client, address, given, surplus(scene)) == []
