"""One line for each thing that happens, and in none of them a person, an address or a secret."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import path

from accounts.models import User
from config import urls
from config.logs import lines, scene
from contracts.models import Case, Contractor, Purpose, SigningStep
from notifications import tasks
from notifications.models import Delivery
from tests.contracts.pages.conftest import give_second_factor
from tests.stories import Story, story

PERSONAL = {
    User: ("name", "email", "kana"),
    SigningStep: ("name", "email", "title"),
    Contractor: ("name", "email", "address", "representative_name", "phone"),
    Case: ("title",),
    Delivery: ("to", "subject"),
}


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """Collect what the production writes, of every logger."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(lines.JsonFormatter())
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield stream
    root.removeHandler(handler)
    root.setLevel(before)


def read(written: io.StringIO) -> list[dict]:
    return [json.loads(line) for line in written.getvalue().splitlines()]


def personal() -> set[str]:
    """Gather every personal datum of the scene."""
    found = set()
    for model, names in PERSONAL.items():
        known = [name for name in names if name in {field.name for field in model._meta.get_fields()}]
        rows = getattr(model, "unscoped", model._default_manager).values_list(*known)
        found |= {value for row in rows for value in row if value and len(value) > 2}
    return found


@pytest.mark.django_db
def test_a_whole_story_leaves_no_person_in_the_logs(written):
    tosu = story("tosu")
    tosu.concluded()
    secrets = walk(tosu)
    tasks.deliver()

    log = written.getvalue()

    told = {line.get("route") for line in read(written)}
    assert len(told & {"sign", "consent", "case", "cases", "account_login"}) >= 2
    known = personal()
    assert len(known) > 10
    assert [datum for datum in sorted(known | secrets) if datum in log] == []


def walk(tosu: Story) -> set[str]:
    """Open the links, sign in wrongly and rightly, and look around; return the secrets on the way."""
    secrets = set()
    for purpose in (Purpose.SIGN, Purpose.CONSENT, Purpose.DOWNLOAD):
        address = tosu.address(purpose)
        secrets.add(address.strip("/").split("/")[-1])
        visitor = Client()
        visitor.get(address, follow=True)
        visitor.post(address, follow=True)
        visitor.get(address + "x")
    drafter = User.objects.get(pk=tosu.drafter.user_id)
    Client().post("/accounts/login/", {"login": drafter.email, "password": "not-my-password-at-all"})
    desk = Client()
    desk.force_login(drafter)
    give_second_factor(desk, drafter)
    for address in (f"/cases/{tosu.case.pk}/", "/", f"/cases/?q={tosu.case.title}", f"/no/{drafter.email}/"):
        desk.get(address)
    return secrets | {"not-my-password-at-all"}


def test_a_line_says_which_route_how_it_ended_and_for_whom_by_number(written, db):
    answer = Client(REMOTE_ADDR="203.0.113.77").get("/accounts/login/")

    (line,) = [line for line in read(written) if line["logger"] == "musubi.request"]
    assert (line["route"], line["method"], line["status"], line["level"]) == ("account_login", "GET", 200, "INFO")
    assert line["from"] == "203.0.113.0/24"
    assert line["request"] == answer["X-Request-ID"]
    assert line["ms"] >= 0


@pytest.mark.parametrize(
    ("given", "behind", "is_kept"),
    [("0123456789abcdef", True, True), ("0123456789abcdef", False, False), ("x\r\nforged", True, False)],
    ids=["ours", "a stranger's", "forged"],
)
def test_a_number_is_taken_over_from_our_own_proxy_only(given, behind, is_kept, settings, db):
    settings.BEHIND_PROXY, settings.TRUSTED_PROXIES = behind, ["127.0.0.0/8"]

    answer = Client().get("/accounts/login/", headers={"x-request-id": given, "x-forwarded-proto": "https"})

    assert (answer["X-Request-ID"] == given) is is_kept


@pytest.mark.parametrize(
    ("address", "network"),
    [("203.0.113.77", "203.0.113.0/24"), ("2001:db8:1:2::3", "2001:db8:1::/48"), (None, ""), ("x", "")],
)
def test_an_address_is_cut_to_its_network(address, network):
    assert scene.neighbourhood(address) == network


@pytest.mark.django_db
def test_of_an_exception_the_words_stay_out(written):
    with connection.cursor() as cursor:
        cursor.execute("create temp table people (email text primary key)")
        cursor.execute("insert into people values ('taro@example.jp')")
        try:
            with transaction.atomic():
                cursor.execute("insert into people values ('taro@example.jp')")
        except IntegrityError:
            logging.getLogger("contracts").exception("it did not work")

    (line,) = read(written)
    assert line["error"]["sqlstate"] == "23505"
    assert line["error"]["constraint"] == "people_pkey"
    assert any("tests/config/test_logs.py" in step for step in line["error"]["path"])
    assert "taro" not in written.getvalue()


def test_what_only_speaks_of_settings_is_quoted(written):
    error = ImproperlyConfigured("TRUST_ROOTS が設定されていません。")

    logging.getLogger("signing").error("not ready", exc_info=error)

    (line,) = read(written)
    assert line["error"]["words"] == "TRUST_ROOTS が設定されていません。"


def broken(request):
    raise ValueError(request.GET["name"])


broken._access = None


@pytest.mark.django_db
def test_a_page_that_breaks_is_one_error_without_what_was_typed(written, monkeypatch):
    broken.__module__ = "allauth.broken"
    monkeypatch.setattr(urls, "urlpatterns", [path("broken/", broken, name="broken"), *urls.urlpatterns])
    from django.urls import clear_url_caches

    clear_url_caches()
    try:
        answer = Client(raise_request_exception=False).get("/broken/?name=yamada%0d%0aforged")
    finally:
        clear_url_caches()

    assert answer.status_code == 500
    assert "yamada" not in written.getvalue()
    errors = [line for line in read(written) if line["level"] == "ERROR"]
    assert {line["logger"] for line in errors} == {"musubi.request", "django.request"}
    assert {line["request"] for line in errors} == {answer["X-Request-ID"]}


def test_a_message_of_many_lines_is_one_line(written):
    logging.getLogger("contracts").warning("first\r\nsecond \x1b[31m")

    assert len(written.getvalue().splitlines()) == 1
    assert "\x1b" not in written.getvalue()


@pytest.mark.parametrize(
    ("name", "text", "data", "said"),
    [
        ("django.request", "Not Found: /tosu/sign/SECRET/", None, "a request failed"),
        ("django.security.DisallowedHost", "Invalid HTTP_HOST header: 'evil'", None, "a request was refused"),
        ("gunicorn.error", "Error handling request /tosu/sign/SECRET/", None, "the server of pages"),
        ("gunicorn.error", "Booting worker with pid: 7", None, "Booting worker with pid: 7"),
        (
            "celery.app.trace",
            "Task x raised unexpected: ValueError('taro@example.jp')",
            {"name": "contracts.tasks.work", "id": "7"},
            "a task ended: contracts.tasks.work [7]",
        ),
    ],
    ids=["not found", "host", "server", "boot", "task"],
)
def test_what_others_write_is_said_in_our_words(name, text, data, said):
    record = logging.LogRecord(name, logging.ERROR, "x.py", 1, text, (), None)
    if data:
        record.data = data

    assert lines.message(record) == said
