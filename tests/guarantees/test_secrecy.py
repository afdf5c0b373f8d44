"""The key stands nowhere in clear: in no row, mail, page or log; showing it takes a reason and leaves a trace."""

import json
import logging

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from django.views.debug import SafeExceptionReporterFilter

from accounts.models import Role
from audit.models import Event
from guarantees import services
from guarantees.models import Guarantee, Institution
from guarantees.services import GuaranteeRefused
from notifications import mail
from notifications.models import Delivery
from tests import factories
from tests.guarantees.conftest import KEY, NUMBER, checked, clerk, entered, officer, submitted
from vault import fields

pytestmark = pytest.mark.django_db


def every_row() -> str:
    """Write out every row of every table that the city can see."""
    with connection.cursor() as cursor:
        cursor.execute("select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace")
        tables = [name for (name,) in cursor.fetchall()]
        found = []
        for table in tables:
            cursor.execute("select has_table_privilege(%s, 'select')", [f'public."{table}"'])
            if cursor.fetchone()[0]:
                cursor.execute(f'select t::text from "{table}" t')
                found += [f"{table}: {row}" for (row,) in cursor.fetchall()]
    return "\n".join(found)


def typed(**values: str) -> dict[str, str]:
    return {"type": "advance", "number": NUMBER, "key": KEY} | values


def test_the_key_is_in_no_row_mail_event_session_or_log(case, caplog):
    caplog.set_level(logging.DEBUG)
    contractor, page = entered(case)
    institution = Institution.unscoped.get(tenant=case.tenant).pk
    assert contractor.post(page, typed(institution=institution)).status_code == 302
    guarantee = Guarantee.unscoped.get(case=case, number=NUMBER)
    reviewer = clerk(case.tenant)
    reviewer.post(reverse("guarantee_reveal", args=[guarantee.pk]), {"reveal-reason": "閲覧するため"})
    services.accept(checked(guarantee), actor=officer(case.tenant), at=timezone.now())

    rows = every_row()
    assert NUMBER in rows
    assert len(rows) > 2000
    for secret in (KEY, KEY.encode().hex(), KEY.lower()):
        assert secret not in rows
    for delivery in Delivery.unscoped.all():
        words = mail.words(tenant=case.tenant, template=delivery.template, context=delivery.context, link="https://a/")
        assert KEY not in words.subject + words.text + words.html
    assert KEY not in caplog.text
    assert KEY not in json.dumps([dict(contractor.session), dict(reviewer.session)], default=str)


def test_the_pages_show_the_key_masked_to_contractor_and_staff(case):
    contractor, page = entered(case)
    guarantee = submitted(case)
    staff = clerk(case.tenant, Role.DRAFTER)

    pages = [contractor.get(page)] + [
        staff.get(address)
        for address in (
            reverse("guarantee_list"),
            reverse("guarantee", args=[guarantee.pk]),
            reverse("case", args=[case.pk]),
            reverse("guarantee_new", args=[case.pk]),
        )
    ]

    assert [page.status_code for page in pages] == [200] * 5
    assert all(KEY not in page.content.decode() for page in pages)
    assert "••••••••" in pages[0].content.decode()


def test_a_form_with_an_error_never_gives_the_key_back(case):
    contractor, page = entered(case)

    response = contractor.post(page, typed(institution="", number="番号"))
    text = response.content.decode()

    assert response.status_code == 422
    assert KEY not in text
    assert "番号" in text
    assert "安全のため画面に残していません" in text
    assert 'autocomplete="off"' in text
    assert "no-store" in response["Cache-Control"]


def test_a_crash_report_hides_the_key(case, rf):
    contractor, page = entered(case)
    institution = Institution.unscoped.get(tenant=case.tenant).pk

    request = contractor.post(page, typed(institution=institution)).wsgi_request

    shown = SafeExceptionReporterFilter().get_post_parameters(request)
    assert shown["key"] != KEY
    assert shown["number"] == NUMBER


def test_showing_the_key_needs_a_reason(case):
    guarantee = submitted(case)
    staff = clerk(case.tenant)

    for reason in ("", "　", " "):
        response = staff.post(reverse("guarantee_reveal", args=[guarantee.pk]), {"reveal-reason": reason})
        assert response.status_code == 422
        assert KEY not in response.content.decode()
        assert "表示する理由を入力してください" in response.content.decode()
    with pytest.raises(GuaranteeRefused, match="理由を入力"):
        services.reveal(guarantee, actor=officer(case.tenant), at=timezone.now(), reason=" ")

    assert not Event.objects.of_thread(case.tenant_id, case.thread).filter(action="guarantee.key_revealed").exists()


def test_showing_the_key_is_logged_shown_once_and_kept_by_no_cache(case):
    guarantee = submitted(case)
    person = factories.member(case.tenant, Role.GUARANTEE_OFFICER, name="保証　四季")
    staff = clerk(case.tenant)
    staff.force_login(person)

    response = staff.post(reverse("guarantee_reveal", args=[guarantee.pk]), {"reveal-reason": "D-Sureで閲覧するため"})

    assert KEY in response.content.decode()
    assert "no-store" in response["Cache-Control"]
    event = Event.objects.of_thread(case.tenant_id, case.thread).get(action="guarantee.key_revealed")
    assert "保証　四季" in event.actor_name
    assert event.subject == f"guarantee:{guarantee.pk}"
    assert json.loads(event.data)["reason"] == "D-Sureで閲覧するため"
    assert KEY not in staff.get(reverse("guarantee", args=[guarantee.pk])).content.decode()


def test_a_sealed_key_moved_to_another_row_does_not_open(case):
    first = submitted(case)
    other = submitted(case, number="2070004427", key="Other-key-1")
    other.sealed_key = first.sealed_key

    with pytest.raises(fields.Damaged):
        services.reveal(other, actor=officer(case.tenant), at=timezone.now(), reason="確認")
