"""Many contracts with one press in the browser: chosen, looked at once more, asked for once, watched."""

import re
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership, Role
from contracts.models import Batch, ContractVersion, Deed
from contracts.services.batches import carrying
from contracts.services.versions import drafting
from contracts.states import DeedState, StepState, VersionState
from tests import factories
from tests.contracts.pages.conftest import user_of
from tests.stories import Story, story

pytestmark = pytest.mark.django_db
SIGN = "/together/sign/"


@pytest.fixture
def ready(tosu: Story) -> list[Story]:
    """Bring two contracts of one signatory, who has an authenticator, to the city's signature."""
    found = [tosu, story()]
    found[1].signatory = tosu.signatory
    for each in found:
        each.signed()
        each.seal()
    cache.clear()
    return found


@pytest.fixture
def code(ready: list[Story], monkeypatch: pytest.MonkeyPatch) -> str:
    """Give the signatory an authenticator, and the code that it shows as long as the test goes on."""
    secret = generate_totp_secret()
    TOTP.activate(ready[0].signatory, secret)
    monkeypatch.setattr("allauth.mfa.totp.internal.auth.yield_hotp_counters_from_time", lambda: iter([1]))
    return format_hotp_value(hotp_value(secret, 1))


def press(client, address: str, page: str, **typed):
    """Press the button of a look before it, with all that the page carries."""
    values = {name: re.findall(rf'name="{name}"\s+value="([^"]+)"', page) for name in ("key", "target", "seen")}
    return client.post(address, {**values, **typed})


def carry(tenant) -> None:
    while carrying.carry_next(tenant_id=tenant.pk, at=timezone.now()):
        pass


def test_two_contracts_are_signed_with_one_code(ready, code, desk):
    client = desk(ready[0].tenant, user=ready[0].signatory)
    address = f"{SIGN}?case={ready[0].case.pk}&case={ready[1].case.pk}"

    look = client.get(address).content.decode()
    asked = press(client, address, look, code=code)
    again = press(client, address, look, code=code)
    waiting = client.get(asked["Location"]).content.decode()
    carry(ready[0].tenant)
    over = client.get(asked["Location"]).content.decode()

    assert all(each.case.number in look for each in ready)
    assert "2件をまとめて署名する" in look
    assert again["Location"] == asked["Location"]
    assert "2件が順番を待っています" in waiting
    assert "2件のうち、2件できました" in over
    assert "hx-get" not in over.partition('id="progress"')[2]
    assert {each.step(2).state for each in ready} == {StepState.INSTRUCTED}
    assert ready[1].step(2).authentication == "パスワードと認証アプリのコード"


def test_a_wrong_code_asks_for_nothing_and_keeps_what_was_chosen(ready, code, desk):
    client = desk(ready[0].tenant, user=ready[0].signatory)
    address = f"{SIGN}?case={ready[0].case.pk}"
    look = client.get(address).content.decode()

    refused = press(client, address, look, code="000000" if code != "000000" else "111111")

    assert refused.status_code == 422
    assert ready[0].case.number in refused.content.decode()
    assert re.search(r'name="key"\s+value="([^"]+)"', refused.content.decode())[1] in look
    assert not Batch.unscoped.exists()


def test_an_earlier_code_of_the_session_is_not_enough(ready, code, desk):
    client = desk(ready[0].tenant, user=ready[0].signatory, second_factor=True)
    address = f"{SIGN}?case={ready[0].case.pk}"

    assert press(client, address, client.get(address).content.decode()).status_code == 422
    assert not Batch.unscoped.exists()


def test_without_an_authenticator_the_signatory_is_led_to_set_one_up(ready, desk):
    Authenticator.objects.filter(user=ready[0].signatory).delete()
    client = desk(ready[0].tenant, user=ready[0].signatory)

    assert client.get(f"{SIGN}?case={ready[0].case.pk}")["Location"] == reverse("second_factor_due")


def test_a_signatory_with_a_passkey_and_no_app_proves_it_before_the_look_and_types_no_code(ready, desk):
    early = desk(ready[0].tenant, user=ready[0].signatory)
    client = desk(ready[0].tenant, user=ready[0].signatory, second_factor=True)
    address = f"{SIGN}?case={ready[0].case.pk}"

    led = early.get(address)["Location"]
    look = client.get(address).content.decode()
    pressed = press(client, address, look)

    assert led.startswith(reverse("mfa_reauthenticate_webauthn"))
    assert 'name="code"' not in look
    assert pressed.status_code == 302
    assert Batch.unscoped.count() == 1


def test_the_look_says_what_stands_against_a_row_and_leaves_it_out(ready, code, desk):
    Membership.unscoped.filter(user=ready[0].signatory).update(ends_date=timezone.localdate())
    version = ready[1].version
    version.contract_date = timezone.localdate() - timedelta(days=1)
    version.save()
    client = desk(ready[0].tenant, user=ready[0].signatory)
    strange = story().case

    look = client.get(f"{SIGN}?{'&'.join(f'case={c.pk}' for c in (ready[0].case, ready[1].case, strange))}")
    page = look.content.decode()

    assert "契約日の遡及になります" in page
    assert f'name="target" value="{ready[0].step(2).pk}"' in page
    assert f'value="{ready[1].step(2).pk}"' not in page
    assert "あなたの署名を待つ契約がありません" in page.partition("当てはまらない案件")[2]
    assert strange.number in page


def test_the_rows_to_choose_from_are_those_that_wait_for_this_person(ready, code, desk):
    other = factories.member(ready[0].tenant, Role.SIGNATORY)

    mine = desk(ready[0].tenant, user=ready[0].signatory).get(SIGN).content.decode()
    theirs = desk(ready[0].tenant, user=other).get(SIGN).content.decode()

    assert all(each.case.number in mine for each in ready)
    targets = "&amp;".join(f"target={each.step(2).pk}" for each in ready)
    assert f"{SIGN}?{targets}" in mine
    assert "いまできるものはありません" in theirs


def test_what_could_not_be_done_is_told_first_and_can_be_looked_at_again(tosu, desk):
    other = story()
    client = desk(tosu.tenant, user=user_of(tosu.drafter))
    address = f"/together/invite/?case={tosu.case.pk}&case={other.case.pk}"
    asked = press(client, address, client.get(address).content.decode())
    other.invited()

    carry(tosu.tenant)
    page = client.get(asked["Location"]).content.decode()

    assert "2件のうち、1件できました" in page
    assert page.index(other.case.number) < page.index(tosu.case.number)
    assert "すでに依頼しています" in page
    assert f"/together/invite/?case={other.case.pk}" in page
    assert Deed.unscoped.get(case=other.case).state == DeedState.LEFT


def test_the_list_of_cases_offers_what_its_reader_may_do(tosu, desk):
    drafter = desk(tosu.tenant, user=user_of(tosu.drafter)).get(reverse("case_list")).content.decode()
    auditor = desk(tosu.tenant, Role.AUDITOR).get(reverse("case_list")).content.decode()

    assert f'name="case" value="{tosu.case.pk}"' in " ".join(drafter.split())
    assert "/together/remind/" in drafter
    assert "/together/sign/" not in drafter
    assert "together" not in auditor.partition("<main")[2]


def test_the_board_offers_the_same(tosu, desk):
    drafter = desk(tosu.tenant, user=user_of(tosu.drafter)).get("/cases/?view=board").content.decode()
    auditor = desk(tosu.tenant, Role.AUDITOR).get("/cases/?view=board").content.decode()

    assert f'name="case" value="{tosu.case.pk}" form="together"' in " ".join(drafter.split())
    assert "/together/submit/" in drafter
    assert "together" not in auditor.partition("<main")[2]


def test_the_approval_of_a_draft_is_asked_for_as_it_was_shown(tosu, desk):
    tosu.accepted()
    version = drafting.draft(tosu.case, actor=tosu.drafter, at=timezone.now(), signatory=tosu.signatory)
    client = desk(tosu.tenant, user=user_of(tosu.drafter))
    address = f"/together/submit/?case={tosu.case.pk}"
    look = client.get(address).content.decode()
    ContractVersion.unscoped.filter(pk=version.pk).update(edit_number=1)

    stale = press(client, address, look)
    asked = press(client, address, client.get(address).content.decode())
    carry(tosu.tenant)

    assert stale["Location"] == address
    assert "1件のうち、1件できました" in client.get(asked["Location"]).content.decode()
    assert tosu.version.state == VersionState.IN_APPROVAL


@pytest.mark.parametrize("address", ["/together/", "/together/invite/", "/together/invite/?{cases}"])
def test_more_rows_ask_no_more_of_the_database(address, tosu, desk):
    client = desk(tosu.tenant, user=user_of(tosu.drafter))
    counts = []
    for _ in range(2):
        cases = [story().case, *(factories.case(tosu.tenant, by=tosu.drafter) for _ in range(3))]
        place = address.format(cases="&".join(f"case={case.pk}" for case in cases[: 2 + 2 * len(counts)]))
        client.get(place)
        with CaptureQueriesContext(connection) as counted:
            client.get(place)
        counts.append(len(counted))

    assert counts[0] == counts[1] <= 30
