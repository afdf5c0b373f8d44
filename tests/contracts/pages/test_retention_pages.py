"""保存と廃棄: years of due terms, holds, the proposal and its approvals, the record; contracts of elsewhere."""

import io
import zipfile
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts import tenancy
from accounts.models import Role, User
from contracts.models import Custody, Disposal, DisposalRecord, ForeignContract, LegalHold
from contracts.services.cases import registering
from contracts.services.keeping import disposing, terms
from contracts.states import DisposalState
from tests import factories
from tests.contracts.elsewhere.test_taking_in import HEAD, row
from tests.contracts.keeping.conftest import FIVE_YEARS, LONG_AGO

pytestmark = pytest.mark.django_db


@pytest.fixture
def city(db):
    tenant = factories.city("tosu")
    factories.rule_set(tenant, retention=FIVE_YEARS)
    return tenant


@pytest.fixture
def keeper(city):
    return factories.staff(city, Role.ADMINISTRATOR)


@pytest.fixture
def kept(city, keeper):
    return terms.begin(factories.foreign(city, by=keeper), completed_date=LONG_AGO, actor=keeper, at=timezone.now())


@pytest.fixture
def sit(city, desk):
    """Sit down at the desk of an actor, or of someone new with a role."""

    def at(who):
        if isinstance(who, Role):
            return desk(city, who)
        return desk(city, user=User.objects.get(pk=who.user_id), second_factor=True)

    return at


def page(client, name, *args, **query) -> str:
    response = client.get(reverse(name, args=args), query)
    assert response.status_code == 200, response.content.decode()[:2000]
    return response.content.decode()


def press(client, name, *args, **typed):
    return client.post(reverse(name, args=args), typed)


def test_the_years_and_the_lists_lead_to_what_is_kept(city, keeper, kept, sit):
    client = sit(Role.DRAFTER)
    text = page(client, "retention")

    assert "平成16年度" in text
    assert reverse("custody", args=[kept.pk]) in text
    assert "期間の終わったもの 1" in text
    assert "元町橋橋梁補修工事" in page(client, "retention", year="2004")
    assert "元町橋橋梁補修工事" not in page(client, "retention", year="2005")
    for show in ("waiting", "held", "permanent", "disposed"):
        assert "元町橋橋梁補修工事" not in page(client, "retention", show=show)


def test_the_list_costs_the_same_however_long_it_is(city, keeper, kept, sit):
    client = sit(Role.DRAFTER)
    page(client, "retention")
    with CaptureQueriesContext(connection) as one:
        page(client, "retention")
    for _ in range(3):
        other = factories.foreign(city, by=keeper)
        terms.begin(other, completed_date=LONG_AGO, actor=keeper, at=timezone.now())
    with CaptureQueriesContext(connection) as four:
        page(client, "retention")

    assert len(four) == len(one)


def test_the_page_of_one_thing_says_how_its_term_was_counted(kept, sit):
    text = page(sit(Role.AUDITOR), "custody", kept.pk)

    assert "平成12年3月31日に履行完了" in text
    assert "廃棄を保留する" not in text


def test_a_hold_is_put_and_released_with_reasons(kept, sit):
    client = sit(Role.DRAFTER)
    empty = press(client, "custody_hold", kept.pk, reason="")
    assert empty.status_code == 422

    press(client, "custody_hold", kept.pk, reason="住民訴訟のため")
    held = LegalHold.unscoped.get()
    assert "住民訴訟のため" in page(client, "custody", kept.pk)
    assert "元町橋" in page(client, "retention", show="held")

    press(client, "hold_release", held.pk, reason="判決の確定")
    assert "判決の確定" in page(client, "custody", kept.pk)
    assert press(client, "hold_release", held.pk, reason="もう一度").status_code == 422


def test_the_completion_of_a_contract_of_elsewhere_is_noted_on_its_page(city, keeper, sit):
    kept = terms.begin(factories.foreign(city, by=keeper), completed_date=None, actor=keeper, at=timezone.now())
    client = sit(Role.DRAFTER)
    assert "元町橋" in page(client, "retention", show="waiting")

    refused = press(client, "custody_complete", kept.pk, completed_date="平成11年5月1日")
    assert refused.status_code == 422
    assert "平成11年5月1日" in refused.content.decode()
    press(client, "custody_complete", kept.pk, completed_date="平成12年3月31日")

    assert Custody.unscoped.get().ends_date == date(2005, 3, 31)


def test_a_disposal_goes_from_the_proposal_over_two_approvals_to_its_record(city, keeper, kept, sit):
    first, second = factories.staff(city, Role.APPROVER), factories.staff(city, Role.APPROVER)
    desk_of_keeper = sit(keeper)
    assert "1件を廃棄の対象にします" in page(desk_of_keeper, "disposal_new")
    press(desk_of_keeper, "disposal_new", up_to="令和2年3月31日")
    disposal = Disposal.unscoped.get()
    assert "ほかの二人の承認を待っています" in page(desk_of_keeper, "disposal", disposal.pk)
    assert press(desk_of_keeper, "disposal_approve", disposal.pk).status_code == 409

    for approver in (first, second):
        assert "あなたの承認を待っています" in page(sit(approver), "disposal", disposal.pk)
        press(sit(approver), "disposal_approve", disposal.pk)
    disposal.refresh_from_db()
    assert disposal.state == DisposalState.APPROVED
    while disposing.dispose_next(tenant_id=city.pk, at=timezone.now()):
        pass

    auditor = sit(Role.AUDITOR)
    record = DisposalRecord.unscoped.get()
    text = page(auditor, "disposal_record", record.pk)
    assert first.name in text
    assert kept.foreign.sha256[:8] in text
    assert "元町橋" in page(auditor, "disposal_records")
    taken = press(auditor, "disposal_records_file")
    written = b"".join(taken.streaming_content).decode("utf-8-sig")
    assert "元町橋橋梁補修工事" in written
    assert record.files_sha256 in written
    assert "廃棄しました" in page(auditor, "custody", kept.pk)
    gone = page(auditor, "foreign_contract", kept.foreign_id)
    assert "文書は開けません" in gone
    assert press(auditor, "foreign_download", kept.foreign_id).status_code == 409


def test_a_proposal_is_withdrawn_with_a_reason(city, keeper, kept, sit):
    approver = factories.staff(city, Role.APPROVER)
    factories.staff(city, Role.APPROVER)
    press(sit(keeper), "disposal_new", up_to="令和2年3月31日")
    disposal = Disposal.unscoped.get()

    assert press(sit(approver), "disposal_withdraw", disposal.pk, reason="").status_code == 409
    press(sit(approver), "disposal_withdraw", disposal.pk, reason="対象の見直し")

    assert "対象の見直し" in page(sit(keeper), "disposal", disposal.pk)


def test_what_stays_off_the_list_says_why(city, keeper, kept, sit):
    press(sit(keeper), "custody_hold", kept.pk, reason="監査")

    text = page(sit(keeper), "disposal_new", up_to="令和2年3月31日")

    assert "廃棄できるものはありません" in text
    assert "廃棄が保留されています。" in text


def test_a_day_that_is_not_over_is_refused_on_the_page(keeper, kept, sit):
    response = sit(keeper).get(reverse("disposal_new"), {"up_to": "令和99年3月31日"})

    assert response.status_code == 422
    assert "令和99年3月31日" in response.content.decode()


def test_the_approvers_find_a_proposal_in_their_inbox(city, keeper, kept, sit):
    approver = factories.staff(city, Role.APPROVER)
    factories.staff(city, Role.APPROVER)
    press(sit(keeper), "disposal_new", up_to="令和2年3月31日")
    disposal = Disposal.unscoped.get()

    assert reverse("disposal", args=[disposal.pk]) in page(sit(approver), "work_inbox")
    assert reverse("disposal", args=[disposal.pk]) not in page(sit(keeper), "work_inbox")
    press(sit(approver), "disposal_approve", disposal.pk)
    assert reverse("disposal", args=[disposal.pk]) not in page(sit(approver), "work_inbox")


def upload(client, *chosen):
    return client.post(reverse("elsewhere_import"), {"file": list(chosen)}, follow=True)


def named(name: str, content: bytes) -> io.BytesIO:
    file = io.BytesIO(content)
    file.name = name
    return file


def test_a_zip_is_read_reported_on_and_taken_in(sit, city):
    client = sit(Role.DRAFTER)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as made:
        made.writestr("索引.csv", f"{HEAD}\r\n{row(done='R4.3.25')}")
        made.writestr("契約書.pdf", factories.pdf())
    packed.seek(0)
    packed.name = "他社.zip"

    shown = upload(client, packed)
    assert "電子署名なし" in shown.content.decode()
    job = shown.resolver_match.kwargs["import_id"]
    seen = shown.context["seen"]
    press(client, "import_apply", job, seen=seen)

    taken = ForeignContract.unscoped.get()
    text = page(client, "foreign_contract", taken.pk)
    assert "よそで締結・取込済" in text
    assert "電子署名なし" in text
    assert reverse("foreign_contract", args=[taken.pk]) in page(client, "archive")
    assert press(client, "foreign_download", taken.pk)["Content-Type"] == "application/pdf"
    assert "この文書には署名がありません" in press(client, "foreign_verify", taken.pk).content.decode()
    assert client.get(reverse("foreign_page", args=[taken.pk, 1]))["Content-Type"] == "image/webp"


def test_papers_and_their_index_may_be_chosen_together(sit, city):
    client = sit(Role.DRAFTER)
    index = named("索引.csv", f"{HEAD}\r\n{row()}".encode())

    shown = upload(client, index, named("契約書.pdf", factories.pdf()))

    assert "まとめて選んだ2ファイル" in shown.content.decode()


def test_an_index_alone_and_what_is_no_package_are_refused_in_words(sit, city):
    client = sit(Role.DRAFTER)
    alone = upload(client, named("索引.csv", b"x"))
    broken = upload(client, named("他社.zip", b"PK\x03\x04 nonsense"))

    assert (alone.status_code, broken.status_code) == (422, 422)
    assert "契約書の PDF も" in alone.content.decode()
    assert "ZIP ファイルとして読めません" in broken.content.decode()


def test_the_index_has_a_template(sit, city):
    answer = sit(Role.DRAFTER).get(reverse("elsewhere_template"))

    assert answer.content.decode("utf-8-sig").startswith("ファイル名,契約日")


def test_the_case_page_says_until_when_a_case_is_kept(city, sit, keeper):
    case = factories.case(city)
    registering.switch_to_paper(
        case, actor=factories.staff(city, Role.DRAFTER), at=timezone.now(), contract_date=timezone.localdate()
    )
    assert "保存期間の末日が決まります" in page(sit(Role.DRAFTER), "case", case.pk)

    terms.completed(case, completed_date=LONG_AGO, actor=keeper, at=timezone.now())
    text = page(sit(Role.DRAFTER), "case", case.pk)
    assert "2005年3月31日" in text or "平成17年3月31日" in text


def test_another_city_sees_nothing_of_it(kept, stranger_of):
    for name, pk in (("custody", kept.pk), ("foreign_contract", kept.foreign_id)):
        assert stranger_of.get(reverse(name, args=[pk])).status_code == 404


@pytest.fixture
def stranger_of(city, kept, desk):
    client = desk(factories.city("usuki"), *[role for role in Role if role not in {Role.UNDERWRITER}])
    tenancy.set_tenant(city.pk)
    return client
