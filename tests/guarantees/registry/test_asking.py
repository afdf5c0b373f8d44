"""A clerk presses one button, the guarantor's instance (another process) answers, and a person decides."""

import json
from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone

from audit.models import Event
from guarantees import services
from guarantees.models import Attachment, FactsSource, Guarantee, Institution, PaperSlot
from guarantees.services import GuaranteeRefused
from guarantees.services.keeping import open_
from guarantees.states import GuaranteeState
from tests.guarantees.conftest import clerk, contracted, officer, submitted
from vault import fields

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("registry")]
ENDS = date(2099, 12, 31)


@pytest.fixture(scope="module")
def issued(instance):
    """Issue what the tests ask for before their transactions begin: the other process sees only what is committed."""
    kinds = {kind: instance.another(work_until=ENDS) for kind in ("current", "changed", "cancelled", "guessed")}
    instance.changed(kinds["changed"][0])
    instance.cancel(kinds["cancelled"][0])
    return kinds


@pytest.fixture
def waiting(instance, issued):
    """Submit certificates of the guarantor's instance to a city that holds its token."""

    def submit(kind: str = "current", *, key: str = "", url: str = "", seal_name: str = "") -> Guarantee:
        case = contracted(work_ends_date=ENDS)
        institution = Institution.unscoped.get(tenant=case.tenant)
        institution.registry_url, institution.seal_name = url or instance.url, seal_name
        institution.sealed_registry_token = fields.seal(
            instance.token, tenant_id=case.tenant_id, context=institution.token_context
        )
        institution.save()
        certificate, right = issued[kind]
        return submitted(case, number=certificate.number, key=key or right)

    return submit


def press(guarantee: Guarantee) -> str:
    staff = clerk(guarantee.tenant)
    page = reverse("guarantee", args=[guarantee.pk])
    assert "照会して照合する" in staff.get(page).content.decode()
    response = staff.post(reverse("guarantee_ask", args=[guarantee.pk]), follow=True)
    guarantee.refresh_from_db()
    return str(response.content.decode())


def asked(guarantee: Guarantee) -> list[dict[str, str]]:
    rows = Event.objects.of_thread(guarantee.tenant_id, guarantee.case.thread).filter(action="guarantee.asked")
    return [json.loads(row.data) for row in rows.order_by("seq")]


def outcomes(guarantee: Guarantee) -> dict[str, str]:
    return {line["name"]: line["outcome"] for line in guarantee.findings}


def test_one_button_brings_the_facts_the_paper_and_the_verdict_on_its_seal(instance, issued, waiting):
    certificate, key = issued["current"]
    guarantee = waiting(seal_name=instance.registry().view(number=certificate.number, key=key).signer)

    page = press(guarantee)

    assert "保証機関の電子署名を検証しました" in page
    assert "保証機関への照会" in page
    assert guarantee.certificate_facts.amount == 40_000_000
    assert (guarantee.facts_source, guarantee.guaranteed_amount) == (FactsSource.REGISTRY, 40_000_000)
    assert guarantee.state == GuaranteeState.CHECKED_OK
    assert {name for name, outcome in outcomes(guarantee).items() if outcome not in {"fits", "blank"}} == {
        "applicant_name"
    }
    (told,) = asked(guarantee)
    assert (told["outcome"], told["seal"], told["standing"]) == ("shown", "VALID", "current")
    paper = Attachment.unscoped.get(guarantee=guarantee)
    assert (paper.slot, paper.sha256) == (PaperSlot.CERTIFICATE, told["sha256"])
    assert open_(paper, actor=officer(guarantee.tenant), at=timezone.now()).startswith(b"%PDF-")
    assert key not in page + str(asked(guarantee))


def test_asking_again_keeps_the_same_paper_once(waiting):
    guarantee = waiting()

    press(guarantee)
    press(guarantee)

    assert Attachment.unscoped.filter(guarantee=guarantee).count() == 1
    assert len(asked(guarantee)) == 2


def test_a_seal_in_a_name_the_city_does_not_know_is_for_a_person_to_settle(waiting):
    guarantee = waiting()

    page = press(guarantee)

    assert outcomes(guarantee)["seal"] == "unsure"
    assert "署名した人の名が、登録された名義と異なります" in page
    assert 'name="settle-seal"' in page


def test_a_certificate_that_was_changed_since_cannot_be_accepted(waiting):
    guarantee = waiting("changed")

    page = press(guarantee)

    assert guarantee.state == GuaranteeState.CHECKED_NG
    assert "変更後の証書があります" in page
    assert "保証を受理する" not in page


def test_a_cancelled_certificate_cannot_be_accepted(waiting):
    guarantee = waiting("cancelled")

    assert "この保証は、保証機関で解約されています。" in press(guarantee)
    assert guarantee.state == GuaranteeState.CHECKED_NG


def test_a_refusal_of_the_guarantor_is_shown_kept_as_evidence_and_decides_nothing(waiting):
    guarantee = waiting("guessed", key="WRONGKEY12")

    page = press(guarantee)

    assert "保証機関の回答: 保証契約番号または認証キーが違います" in page
    assert (guarantee.state, guarantee.findings) == (GuaranteeState.ROUTED, [])
    assert [told["outcome"] for told in asked(guarantee)] == ["refused"]
    assert "WRONGKEY12" not in page + str(asked(guarantee))


def test_a_guarantor_that_does_not_answer_leaves_the_other_ways_open(waiting):
    guarantee = waiting(url="http://127.0.0.1:9/")

    page = press(guarantee)

    assert "保証機関の照会先が応答しません" in page
    assert [told["outcome"] for told in asked(guarantee)] == ["unavailable"]
    assert reverse("guarantee_check", args=[guarantee.pk]) in page


def test_a_guarantor_without_a_registry_is_not_asked(case):
    guarantee = submitted(case)
    page = clerk(case.tenant).get(reverse("guarantee", args=[guarantee.pk])).content.decode()

    assert "照会して照合する" not in page
    with pytest.raises(GuaranteeRefused, match="照会ができません"):
        services.ask(guarantee, actor=officer(case.tenant), at=timezone.now())
    assert asked(guarantee) == []
